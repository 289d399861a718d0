// The style sheet of transcript pages.

/// Colours and rules. Every text has a contrast of at least 4.5 on its background, in both colour schemes.
enum PageStyle {
    /// The background of texts that a light and a dark page need most contrast on: the bubble of the recorded client.
    static let ownBubble: (light: UInt32, dark: UInt32) = (0xE4F0FF, 0x1D3350)

    static let rules: StaticString = """
        :root { color-scheme: light dark; --page: #ffffff; --ink: #1a1a1a; --dim: #595959; --link: #0b57d0; --bad: #b00020;
          --text: #000000; --bubble: #f4f6fa; --own-bubble: #e4f0ff; --line: #d5d9e0; }
        @media (prefers-color-scheme: dark) { :root { --page: #16181d; --ink: #e6e6e6; --dim: #a8adb8; --link: #8ab4f8;
          --bad: #ff8a95; --text: #f2f3f5; --bubble: #262a33; --own-bubble: #1d3350; --line: #3a404b; } }
        body { font: 15px/1.45 "Segoe UI", Tahoma, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em;
          background: var(--page); color: var(--ink); }
        h1 { font-size: 1.4em; overflow-wrap: anywhere; }
        h2 { font-size: 1.1em; margin: 2.5em 0 .3em; overflow-wrap: anywhere; }
        h3 { font-size: .85em; font-weight: normal; text-align: center; color: var(--dim); }
        p { margin: .25em 0; overflow-wrap: anywhere; }
        a { color: var(--link); }
        nav { border-bottom: 1px solid var(--line); padding-bottom: 1em; }
        nav h2 { margin: 1em 0 .3em; }
        nav ul { margin: .2em 0 .6em; padding-left: 1.5em; columns: 17em; list-style: none; }
        nav li, summary { overflow-wrap: anywhere; }
        .where, .event, .address, time { color: var(--dim); font-size: .85em; font-weight: normal; }
        .trouble { color: var(--bad); border-left: 3px solid; padding: 0 .5em; font-size: .85em; }
        .name { font-weight: 600; margin: 0 .4em; unicode-bidi: isolate; }
        .text { display: block; margin-left: 4.5em; padding: .15em .6em; border-radius: .4em; white-space: pre-wrap;
          background: var(--bubble); color: var(--l, var(--text)); unicode-bidi: isolate; }
        @media (prefers-color-scheme: dark) { .text { color: var(--d, var(--text)); } }
        .own .text { background: var(--own-bubble); }
        .mark { font-size: .8em; margin-left: .4em; color: var(--bad); }
        img { max-height: 10em; vertical-align: middle; }
        svg { display: none; }
        i { display: inline-block; width: 1.7em; height: 1.7em; vertical-align: middle; overflow: hidden; font-style: normal;
          white-space: nowrap; text-indent: 110%; background: center/contain no-repeat; print-color-adjust: exact; }
        .large { width: 6em; height: 6em; }
        """
}
