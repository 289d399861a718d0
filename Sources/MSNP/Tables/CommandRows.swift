// What every command is called, who says it, and what its arguments mean. Made by tools/make-tables from tables/commands.tsv: change that table, not this file.
// swift-format-ignore-file

let commandRows = #"""
command	direction	server	since	until	has_trid	params	payload	notes
VER	C2S	DS|NS	CVR0	-	yes	TrID dialect [dialect...]	none	First line on DS and NS, never on SB. CVR0 is listed last as the fallback. Order = preference. Compare names case-insensitively (draft). The Beta 2 client opened a DS with XFR instead of VER (msnp-wiki).
VER	S2C	DS|NS	CVR0	-	yes	TrID dialect [dialect...]	none	First dialect token is the chosen one; official servers often named further ones, CVR0 last, until about 2008 (clients of 2002 gave up without CVR0). `VER t 0` = refused (draft: `0` may be followed by the server list). `VER t CVR0` = only CVQ may follow.
CVR	C2S	NS|DS	MSNP2	MSNP3	yes	TrID lcid os-type os-ver arch library client-ver	none	6 arguments after TrID. lcid looks like 0x0409.
CVR	C2S	NS|DS	MSNP4	MSNP7	yes	TrID lcid os-type os-ver arch library client-ver codebase [email]	none	codebase = MSMSGS or MSNMSGR.
CVR	C2S	NS|DS	MSNP8	MSNP20	yes	TrID lcid os-type os-ver arch library client-ver codebase email	none	From MSNP8 it precedes USR I. Ignore extra arguments.
CVR	C2S	NS|DS	MSNP21	-	yes	TrID lcid os-type os-ver arch library client-ver codebase email hop-base64	none	hop-base64 = base64 of `Version: 1 CRLF XfrCount: n` (n = number of XFRs so far, +1 per redirect; clients differ in 0 or 1 at start).
CVR	S2C	NS|DS	MSNP2	-	yes	TrID recommended-ver recommended-ver2 minimum-ver download-url info-url	none	Two URLs. In MSNP21 the server may answer CVR with XFR instead (KB_MSNP21 capture).
CVQ	C2S	DS|NS	CVR0	MSNP3	yes	TrID lcid os-type os-ver arch library client-ver	none	Only after `VER t CVR0`. Same fields as CVR of that client generation.
CVQ	C2S	DS|NS	MSNP4	MSNP7	yes	TrID lcid os-type os-ver arch library client-ver (empty)	none	TRAP: codebase field is always the empty string here, so the line ends in a space (msnp-wiki).
CVQ	C2S	DS|NS	MSNP8	-	yes	TrID lcid os-type os-ver arch library client-ver codebase [email]	none	`since`/`until` here = the newest dialect the client also offered.
CVQ	S2C	DS|NS	CVR0	-	yes	TrID recommended-ver recommended-ver2 minimum-ver download-url fallback-url	none	Server closes afterwards. Errors 420, 710, 731 possible.
INF	C2S	DS|NS	MSNP2	MSNP7	yes	TrID	none	Removed in MSNP8 (server disconnects).
INF	S2C	DS|NS	MSNP2	MSNP7	yes	TrID package[,package...]	none	MD5 in practice. Draft names CKI as the SB package but no SB ever answers INF.
USR	C2S	DS|NS	MSNP2	MSNP7	yes	TrID MD5|CTP I email	none	Initiate. CTP = clear-text password package of early clients (msnp-wiki).
USR	S2C	DS|NS	MSNP2	MSNP7	yes	TrID MD5 S salt	none	Challenge. The wiki/seed misprint MDS for MD5.
USR	C2S	DS|NS	MSNP2	MSNP7	yes	TrID MD5|CTP S hex-digest|password	none	SECRET. digest = md5(salt+password) lower-case hex.
USR	C2S	DS|NS	MSNP8	MSNP14	yes	TrID TWN I email	none	
USR	S2C	DS|NS	MSNP8	MSNP14	yes	TrID TWN S params	none	params: comma separated k=v list (lc=,id=,tw=,fs=,ru=http%3A...,ct=,kpp=,kv=,ver=,rn=,tpf=). Passed verbatim to Passport.
USR	C2S	DS|NS	MSNP8	MSNP14	yes	TrID TWN S ticket	none	SECRET. ticket = `t=...&p=...`; no spaces.
USR	C2S	DS|NS	MSNP15	-	yes	TrID SSO I email	none	
USR	S2C	DS|NS	MSNP15	-	yes	TrID SSO S policy nonce-base64	none	policy = MBI_KEY_OLD (or MBI_KEY). Usually preceded by an unasked `GCF 0 n`.
USR	C2S	DS|NS	MSNP15	MSNP15	yes	TrID SSO S ticket [response-blob] [{machine-guid}]	none	SECRET. blob = base64 of 128 bytes. Treat the blob as optional.
USR	C2S	DS|NS	MSNP16	-	yes	TrID SSO S ticket [response-blob] {machine-guid}	none	SECRET. blob = base64 of 128 bytes. Treat the blob as optional.
USR	C2S	NS	MSNP18	MSNP20	yes	TrID SHA A base64-ticket	none	SECRET. Circle ticket, after login. Reply `USR TrID OK email 0 0`.
USR	S2C	NS	MSNP2	MSNP5	yes	TrID OK email friendly	none	Login success. friendly is URL-encoded.
USR	S2C	NS	MSNP6	MSNP7	yes	TrID OK email friendly verified	none	verified 0|1.
USR	S2C	NS	MSNP8	MSNP9	yes	TrID OK email friendly verified restricted	none	restricted 0 = normal, 1 = kids account.
USR	S2C	NS	MSNP10	-	yes	TrID OK email verified restricted	none	friendly dropped; taken from profile/MFN/contact service. papyon accepts 3 or 4 arguments: treat count as open.
USR	C2S	SB	MSNP2	MSNP15	yes	TrID email cookie	none	SECRET cookie. First line of a caller switchboard. Distinguish from NS USR: server type, and token 3 is not a package/stage pair.
USR	C2S	SB	MSNP16	MSNP20	yes	TrID email;{machine-guid} cookie	none	SECRET cookie.
USR	S2C	SB	MSNP2	MSNP20	yes	TrID OK email[;{guid}] friendly	none	Same verb and shape as NS success of MSNP2-5.
XFR	C2S	DS	MSNP2	MSNP2	yes	TrID NS	none	Pre-release (Beta 2) only: asks a DS for an NS (msnp-wiki).
XFR	C2S	NS	MSNP2	-	yes	TrID SB	none	Ask for a switchboard. Error 913 when hidden, 800 when too often. Not used in MSNP21 (clients may still send it).
XFR	S2C	DS|NS	MSNP2	MSNP2	yes	TrID NS host[:port]	none	Default port 1863. Host name or IPv4 (draft). TrID 0 = unasked, any time.
XFR	S2C	DS|NS	MSNP3	MSNP6	yes	TrID NS host:port 0	none	
XFR	S2C	DS|NS	MSNP7	MSNP12	yes	TrID NS host:port 0 current-host:port	none	TWO addresses; the last is the server the client is on now.
XFR	S2C	DS|NS	MSNP13	MSNP20	yes	TrID NS host:port U D	none	U = use TCP; G here = address is an HTTP gateway (Miranda, msnp-sharp).
XFR	S2C	DS|NS	MSNP21	-	yes	TrID NS host:port U|G D hop-base64	none	May answer CVR or USR. Escargot omits the hop.
XFR	S2C	NS	MSNP2	-	yes	TrID NS 0	none	Literal address `0`: stay on this TCP connection and start again with VER (soft reset, msnp-wiki).
XFR	S2C	NS	MSNP2	MSNP12	yes	TrID SB host:port CKI cookie	none	SECRET cookie. TrID always that of the request.
XFR	S2C	NS	MSNP13	MSNP13	yes	TrID SB host:port CKI cookie U messenger.msn.com	none	
XFR	S2C	NS	MSNP14	MSNP20	yes	TrID SB host:port CKI cookie U messenger.msn.com 0|1	none	1 = direct TCP possible, 0 = HTTP gateway only. TRAP: last token is a number, no payload.
OUT	C2S	any	MSNP2	-	no	[reason]	none	Usually bare. No TrID.
OUT	S2C	any	MSNP2	-	no	[OTH|SSD|MIG|TOU|RCT minutes]	none	OTH other login, SSD shutdown; MIG/TOU from MSNP10; `RCT n` reconnect in n minutes from MSNP11 (numeric last token, no payload).
PNG	C2S	any	MSNP2	-	no		none	No TrID, no args. Many clients send it on SB too. Never send over the HTTP gateway.
QNG	S2C	any	MSNP2	MSNP8	no	[seconds-to-next]	none	
QNG	S2C	any	MSNP9	-	no	seconds-to-next	none	TRAP: the number is neither TrID nor length. Bare QNG still legal.
SYN	C2S	NS	MSNP2	MSNP9	yes	TrID list-version	none	0 = nothing cached.
SYN	C2S	NS	MSNP10	MSNP12	yes	TrID list-version [settings-version]	none	0 0, or two ISO-8601 timestamps when ABCHMigrated is 1.
SYN	S2C	NS	MSNP2	MSNP7	yes	TrID list-version	none	Followed by (if changed) GTC BLP PRP.. BPR.. LSG.. LST.. all with this TrID. MSNP5-7 servers may close the dump by repeating SYN (Escargot/wiki transcript).
SYN	S2C	NS	MSNP8	MSNP9	yes	TrID list-version [contacts groups]	none	Counts present only when a dump follows.
SYN	S2C	NS	MSNP10	MSNP12	yes	TrID list-version settings-version [contacts groups]	none	No GTC/BLP order guarantee; end of dump = counts reached.
LST	C2S	NS	MSNP2	MSNP12	yes	TrID FL|AL|BL|RL	none	Explicit list request, refused on live servers from Nov 2003.
LST	S2C	NS	MSNP2	MSNP6	yes	TrID list list-version index total [email friendly]	none	Empty list: `LST TrID list version 0 0`.
LST	S2C	NS	MSNP7	MSNP7	yes	TrID list list-version index total [email friendly] [group-ids]	none	group-ids comma list on FL rows only.
LST	S2C	NS	MSNP8	MSNP9	no	email friendly list-bits [group-ids]	none	list-bits FL1 AL2 BL4 RL8; group-ids comma list. TRAP: numeric last token.
LST	S2C	NS	MSNP10	MSNP11	no	N=email [F=friendly] [C=contact-guid] list-bits [group-guids]	none	Keyed parts in any subset. RL-only contacts have no C. Groups may be numeric ids when ABCHMigrated is 0. Bit 16 = pending list (PL), MSNP11+.
LST	S2C	NS	MSNP12	MSNP12	no	N=email [F=friendly] [C=contact-guid] list-bits network-bits [group-guids]	none	Keyed parts first, then bits, then network; the network may be missing. Parse from the left.
LSG	C2S	NS	MSNP7	MSNP12	yes	TrID	none	Refused from Nov 2003.
LSG	S2C	NS	MSNP7	MSNP7	yes	TrID list-version index total group-id friendly 0	none	
LSG	S2C	NS	MSNP8	MSNP9	no	group-id friendly 0	none	TRAP: first token numeric but not a TrID; last token 0 not a length.
LSG	S2C	NS	MSNP10	MSNP12	no	friendly group-id|group-guid	none	id -> guid depending on ABCHMigrated.
LSR	S2C	NS	MSNP2	-	sometimes	(unknown)	none	Never documented; not seen in any code read. Keep raw.
GTC	C2S	NS	MSNP2	MSNP12	yes	TrID A|N	none	Removed MSNP13.
GTC	S2C	NS	MSNP2	MSNP9	sometimes	[TrID list-version] A|N	none	Inside a MSNP8-9 SYN dump: just `GTC A`.
GTC	S2C	NS	MSNP10	MSNP12	sometimes	[TrID] A|N	none	
BLP	C2S	NS	MSNP2	-	yes	TrID AL|BL	none	MSNP13-20 clients must send it at login.
BLP	S2C	NS	MSNP2	MSNP9	sometimes	[TrID list-version] AL|BL	none	Inside a MSNP8-9 SYN dump: just `BLP AL`.
BLP	S2C	NS	MSNP10	-	sometimes	[TrID] AL|BL	none	
PRP	C2S	NS	MSNP5	-	yes	TrID property [value]	none	PHH PHW PHM MOB MBE, WWE (9+), MFN (10+), HSB (11+). value may be empty (trailing space).
PRP	S2C	NS	MSNP5	MSNP9	sometimes	[TrID] [list-version] property [value]	none	In MSNP8-9 SYN dump: `PRP property [value]`. Value URL-encoded. Escargot MSNP5-7 dump omits the TrID: `PRP list-version property value`.
PRP	S2C	NS	MSNP10	-	sometimes	[TrID] property [value]	none	Unset value = missing or empty token.
BPR	S2C	NS	MSNP5	MSNP7	no	list-version email property [value]	none	TRAP: leading number is the list version. In SYN dump.
BPR	S2C	NS	MSNP8	MSNP12	no	[list-version email] property [value]	none	In SYN dump only `property value`, referring to the LST line just before. Outside the dump: with email (version <=9).
SBP	C2S	NS	MSNP10	MSNP12	yes	TrID contact-guid property value	none	Set contact property (MFN = nickname).
SBP	S2C	NS	MSNP10	MSNP12	yes	TrID contact-guid property value [0|1]	none	
MFN	-	-	-	-	-	(not a verb)	none	Property name of PRP/SBP (my/contact friendly name).
PHN	-	-	-	-	-	(not a verb)	none	Presence substate "on the phone" of CHG/NLN/ILN.
ADD	C2S	NS	MSNP2	MSNP9	yes	TrID list email friendly [group-id]	none	list FL|AL|BL; group-id only FL, MSNP7+.
ADD	S2C	NS	MSNP2	MSNP9	yes	TrID list list-version email friendly [group-id]	none	TrID 0 = unasked (RL). Then possibly ILN with the same TrID.
ADC	C2S	NS	MSNP10	MSNP12	yes	TrID list N=email|C=guid [F=friendly] [group-guid]	none	`ADC t FL N=e F=n`, `ADC t FL C=guid group`, `ADC t AL N=e`.
ADC	S2C	NS	MSNP10	MSNP12	yes	TrID list N=email|C=guid [F=friendly] [C=guid] [group-guid]	none	TrID 0 for RL additions: `ADC 0 RL N=e F=n`. papyon expects C= as the third keyed part.
REM	C2S	NS	MSNP2	MSNP6	yes	TrID list email	none	REM RL from a client = disconnect.
REM	C2S	NS	MSNP7	MSNP9	yes	TrID list email [group-id]	none	
REM	C2S	NS	MSNP10	MSNP12	yes	TrID list email|contact-guid [group-guid]	none	FL uses guid; AL/BL/PL use email. `PL` = pending list, 11+.
REM	S2C	NS	MSNP2	MSNP9	yes	TrID list list-version email [group-id]	none	
REM	S2C	NS	MSNP10	MSNP12	yes	TrID list email|contact-guid [group-guid]	none	TrID 0 = unasked.
ADG	C2S	NS	MSNP7	MSNP9	yes	TrID friendly 0	none	
ADG	S2C	NS	MSNP7	MSNP9	yes	TrID list-version friendly group-id 0	none	Sources disagree on name/id order; see SOURCES.
ADG	C2S	NS	MSNP10	MSNP12	yes	TrID friendly [0]	none	
ADG	S2C	NS	MSNP10	MSNP12	yes	TrID friendly group-guid [0]	none	
REG	C2S	NS	MSNP7	MSNP12	yes	TrID group-id|guid friendly [0]	none	
REG	S2C	NS	MSNP7	MSNP9	yes	TrID list-version group-id friendly 0	none	
REG	S2C	NS	MSNP10	MSNP12	yes	TrID group-guid friendly [0]	none	Escargot sends `TrID 1 friendly guid 0`.
RMG	C2S	NS	MSNP7	MSNP12	yes	TrID group-id|guid	none	
RMG	S2C	NS	MSNP7	MSNP9	yes	TrID list-version group-id	none	TRAP: all-numeric line, no payload.
RMG	S2C	NS	MSNP10	MSNP12	yes	TrID [1] group-guid	none	Escargot keeps a dummy version.
REA	C2S	NS	MSNP2	MSNP9	yes	TrID email friendly	none	email = own or a contact. Superseded by PRP MFN / SBP.
REA	S2C	NS	MSNP2	MSNP9	yes	TrID list-version email friendly	none	
FND	C2S	NS	MSNP2	MSNP7	yes	TrID fname=x lname=x city=x state=x country=x	none	Directory search; error 502 after July 2003.
FND	S2C	NS	MSNP2	MSNP7	yes	TrID index total [fname=x lname=x city=x state=x country=x]	none	One line per hit; `FND t 0 0` when none. 301 = too many.
SND	C2S	NS	MSNP2	MSNP2	yes	TrID email	none	Mail an invitation to use the service.
SND	C2S	NS	MSNP3	MSNP3	yes	TrID email lcid library	none	
SND	C2S	NS	MSNP4	MSNP9	yes	TrID email lcid library codebase	none	
SND	S2C	NS	MSNP2	MSNP9	yes	TrID OK	none	
SDC	C2S	NS	MSNP5	MSNP12	yes	TrID email lcid library codebase X X friendly length	length-last-arg	Free-text invitation. length 0 = no bytes. Payload is plain text.
SDC	S2C	NS	MSNP5	MSNP12	yes	TrID OK	none	Error 503.
CHG	C2S	NS	MSNP2	MSNP7	yes	TrID state	none	NLN FLN HDN BSY IDL BRB AWY PHN LUN.
CHG	C2S	NS	MSNP8	MSNP8	yes	TrID state caps	none	caps: decimal 32-bit client capabilities.
CHG	C2S	NS	MSNP9	MSNP15	yes	TrID state caps [msnobj]	none	msnobj URL-encoded XML; `0` or absent = none. TRAP: `CHG 9 NLN 0`: no payload.
CHG	C2S	NS	MSNP16	MSNP20	yes	TrID state caps:extcaps [msnobj]	none	
CHG	C2S	NS	MSNP21	-	yes	TrID state caps:extcaps [msnobj]	none	Rarely used: state is published by PUT; Escargot accepts it.
CHG	S2C	NS	MSNP2	-	yes	(same arguments as sent)	none	TrID 0 = forced by server.
ILN	S2C	NS	MSNP2	MSNP7	yes	TrID state email friendly	none	Answers CHG/ADD/ADC. TrID echoed.
ILN	S2C	NS	MSNP8	MSNP8	yes	TrID state email friendly caps	none	TRAP: numeric last token.
ILN	S2C	NS	MSNP9	MSNP13	yes	TrID state email friendly caps [msnobj]	none	
ILN	S2C	NS	MSNP14	MSNP15	yes	TrID state email network friendly caps [msnobj] [icon-url]	none	
ILN	S2C	NS	MSNP16	MSNP17	yes	TrID state email network friendly caps:extcaps [msnobj] [icon-url]	none	Not used from MSNP18 (NLN instead) in Escargot; accept it anyway with the MSNP18 address form.
NLN	S2C	NS	MSNP2	MSNP7	no	state email friendly	none	
NLN	S2C	NS	MSNP8	MSNP8	no	state email friendly caps	none	
NLN	S2C	NS	MSNP9	MSNP13	no	state email friendly caps [msnobj]	none	
NLN	S2C	NS	MSNP14	MSNP15	no	state email network friendly caps [msnobj] [icon-url]	none	
NLN	S2C	NS	MSNP16	MSNP17	no	state email network friendly caps:extcaps [msnobj] [icon-url]	none	
NLN	S2C	NS	MSNP18	MSNP20	no	state network:email[;via=network:address] friendly caps:extcaps [msnobj] [icon-url]	none	TRAP: friendly seen with raw (unescaped) UTF-8 bytes in a real capture. In MSNP21 replaced by NFY PUT.
FLN	S2C	NS	MSNP2	MSNP13	no	email	none	
FLN	S2C	NS	MSNP14	MSNP17	no	email network [caps[:extcaps]]	none	TRAP: numeric last token (often 0), no payload.
FLN	S2C	NS	MSNP18	MSNP20	no	network:email[;via=network:address] [caps:extcaps]	none	
IMS	C2S	NS	MSNP3	-	yes	TrID ON|OFF	none	Mostly WebTV clients. Never known to be removed.
IMS	S2C	NS	MSNP3	-	yes	TrID 0 ON|OFF	none	
URL	C2S	NS	MSNP2	MSNP20	yes	TrID service [param]	none	INBOX COMPOSE FOLDERS PROFILE PERSON CHGMOB PHHLP... Early dialects had fewer services.
URL	S2C	NS	MSNP2	MSNP20	yes	TrID rru-path login-url [site-id]	none	TRAP: site-id is numeric, no payload.
CHL	S2C	NS	MSNP6	-	yes	0 challenge	none	TrID always 0. challenge is ~20 decimal digits: TRAP for "last token numeric" parsers.
QRY	C2S	NS	MSNP6	-	yes	TrID product-id length	length-last-arg	length is 32 always; payload = 32 hex digits, no CRLF.
QRY	S2C	NS	MSNP6	-	yes	TrID	none	TRAP: the single number is the TrID. Failure = 540 and disconnect.
CCG	-	-	-	-	-	(unknown)	none	Not found in any source; keep raw.
NOT	S2C	NS	MSNP5	-	no	length	length-last-arg	XML NOTIFICATION. First AND last token is the length.
IPG	S2C	NS	MSNP5	MSNP12	no	length	length-last-arg	XML NOTIFICATION page from a mobile. wiki says MSNP6, Escargot 5.
PAG	C2S	NS	MSNP5	MSNP8	yes	TrID email length	length-last-arg	Page a phone. Payload text or `<TEXT ...>` XML. From MSNP9 answered 715.
PAG	S2C	NS	MSNP5	MSNP8	yes	TrID [...] [length]	length-last-arg-optional	Undocumented reply; aMSN and digsby list PAG as incoming payload. PAYLOAD-IF args>=2 and last is digits.
PGD	C2S	NS	MSNP9	MSNP20	yes	TrID email|tel:number device length	length-last-arg	device 1 mobile, 2 watch. Payload XML `<TEXT ...>`.
PGD	S2C	NS	MSNP9	MSNP20	yes	(unknown)	none	Success reply not documented. Errors 232, 233, 590-598.
LKP	C2S	NS	MSNP12	MSNP20	yes	(unknown)	none	msnp-wiki lists it without syntax.
SBS	S2C	NS	MSNP11	-	yes	TrID|0 data|null	none	Mobile credit blob. papyon wrongly treats the 0 as an argument.
GSB	C2S	NS	MSNP11	MSNP20	yes	TrID	none	Ask again for SBS.
GCF	C2S	NS	MSNP11	MSNP12	yes	TrID filename	none	`GCF t Shields.xml`: NO payload although the reply has one.
GCF	S2C	NS	MSNP11	MSNP12	yes	TrID filename length	length-last-arg	
GCF	S2C	NS	MSNP13	-	yes	0 length	length-last-arg	Unasked during login. MSNP13+ clients never request it. Only 2 tokens after GCF.
RFS	S2C	NS	MSNP13	MSNP20	sometimes	[TrID]	none	"Refresh lists": client must resend ADL. No payload known.
UUX	C2S	NS	MSNP10	-	yes	TrID length	length-last-arg	Own `<Data><PSM/><CurrentMedia/><MachineGuid/>...`; 18+ also `<EndpointData>`/`<PrivateEndpointData>`. length 0 allowed. Escargot sheet: MSNP10.
UUX	S2C	NS	MSNP10	-	yes	TrID [0]	length-last-arg-optional	Live servers answered `UUX t 0`; wiki shows `UUX t`. PAYLOAD-IF args==2 and last>0 (never seen). Never read the TrID as length.
UBX	S2C	NS	MSNP10	MSNP13	no	email length	length-last-arg	length may be 0.
UBX	S2C	NS	MSNP14	MSNP17	no	email [network] length	length-last-arg	TRAP: network is also numeric; some servers still send the 2-token form. Always the last token.
UBX	S2C	NS	MSNP18	MSNP20	no	network:email[;via=network:address] length	length-last-arg	From MSNP16 also sent for the own account right after login (length 0 or about 1300).
UUN	C2S	NS	MSNP13	MSNP20	yes	TrID email[;{guid}] type length	length-last-arg	User-to-user notification.
UUN	S2C	NS	MSNP13	MSNP20	yes	TrID OK	none	Error 217/283/509.
UBN	S2C	NS	MSNP13	MSNP20	no	email[;{guid}] type length	length-last-arg	type 1 XML, 2 SIP, 3 SLP, 4 sign-out, 5 closed chat, 6 resync, 10 TURN, 11 SIP meta, 12 tunnelled SIP.
UUM	C2S	NS	MSNP14	MSNP20	yes	TrID email network type length	length-last-arg	Message to a federated (Yahoo 32, OCS 2) or offline user. type 1 text 2 typing 3 nudge.
UUM	S2C	NS	MSNP14	MSNP20	yes	(unknown)	none	Success reply not documented; Escargot sends none. Errors 509, 217.
UBM	S2C	NS	MSNP14	MSNP17	no	from-email from-network to-email to-network type length	length-last-arg	Five tokens before the length. libpurple/Miranda index token 6.
UBM	S2C	NS	MSNP18	MSNP20	no	from-email|net:email [from-network] to-email|net:email [to-network] type length	length-last-arg	Arity differs between sources; use the last token.
ADL	C2S	NS	MSNP13	MSNP20	yes	TrID length	length-last-arg	`<ml [l="1"]><d n="domain"><c n="user" l="3" t="1"/></d>..</ml>`. One payload <= about 7500 bytes; several ADL in a row.
ADL	C2S	NS	MSNP21	-	yes	TrID length	length-last-arg	`<c n t><s l="3" n="IM"/><s l="3" n="PE"/></c>` per-service lists.
ADL	S2C	NS	MSNP13	-	yes	TrID OK	none	Acknowledgement form.
ADL	S2C	NS	MSNP13	-	yes	0 length	length-last-arg	Unasked form: someone added you (RL). Distinguish by the last token: OK vs digits.
RML	C2S	NS	MSNP13	-	yes	TrID length	length-last-arg	
RML	S2C	NS	MSNP13	-	yes	TrID OK	none	
RML	S2C	NS	MSNP13	-	yes	0 length	length-last-arg	
FQY	C2S	NS	MSNP13	-	yes	TrID length	length-last-arg	`<ml><d n="dom"><c n="user"/></d></ml>` which network is this account on? Escargot accepts from 13.
FQY	S2C	NS	MSNP13	-	yes	TrID length	length-last-arg	Always payload; XML with t= filled in. Error 204/500-class may replace it.
RFS	C2S	NS	MSNP13	MSNP20	yes	[TrID]	none	Direction uncertain; listed once as client request.
VAS	C2S	NS	MSNP18	-	yes	TrID email reason-or-flag reason-or-flag length	length-last-arg	Report abuse; syntax from Escargot only.
VAS	S2C	NS	MSNP18	-	yes	(unknown)	none	Reply not documented; Escargot sends none.
PUT	C2S	NS	MSNP18	-	yes	TrID length	length-last-arg	MSNP18: circles. MSNP21: own presence, endpoints, multiparty.
PUT	S2C	NS	MSNP18	-	yes	TrID OK [length]	length-last-arg-optional	PAYLOAD-IF args==3 (length may be 0). `PUT 35 OK 165`.
DEL	C2S	NS	MSNP18	-	yes	TrID length	length-last-arg	
DEL	S2C	NS	MSNP18	-	yes	TrID OK [length]	length-last-arg-optional	PAYLOAD-IF args==3.
NFY	S2C	NS	MSNP18	-	no	[TrID] PUT|DEL length	length-last-arg	No TrID; sub-verb is token 1.
SDG	C2S	NS	MSNP18	-	yes	TrID length	length-last-arg	MSNP18-20 circle chat only; MSNP21 every chat.
SDG	S2C	NS	MSNP18	-	yes	0 length	length-last-arg	TrID 0. Undeliverable own SDG -> error 801 with payload.
FSL	S2C	NS	MSNP18	-	sometimes	[TrID] [length]	length-last-arg-optional	Only named in msnp-sharp as payload-bearing. PAYLOAD-IF args>=2 and last is digits.
GET	C2S	NS	MSNP21	-	yes	TrID [length]	length-last-arg-optional	Only named in msnp-sharp as payload-bearing. PAYLOAD-IF args>=2 and last is digits.
GET	S2C	NS	MSNP21	-	yes	TrID [OK] [length]	length-last-arg-optional	PAYLOAD-IF args>=2 and last is digits.
CRE	-	-	-	-	-	(unknown)	none	Not found in any source; keep raw.
REF	-	-	-	-	-	(unknown)	none	Not found in any source; keep raw.
EPN	-	-	-	-	-	(unknown)	none	Not found in any source; keep raw.
RNG	S2C	NS	MSNP2	MSNP12	no	session-id host:port CKI cookie email friendly	none	SECRET cookie. TRAP: session-id first, not a TrID.
RNG	S2C	NS	MSNP13	MSNP13	no	session-id host:port CKI cookie email friendly U messenger.hotmail.com	none	
RNG	S2C	NS	MSNP14	MSNP20	no	session-id host:port CKI cookie email friendly U messenger.hotmail.com 0|1	none	TRAP: ends in 1. MSNP16+: email may carry ;{guid} or net:; keep raw.
CAL	C2S	SB	MSNP2	MSNP20	yes	TrID email[;{guid}]	none	MSNP16+ callers first CAL themselves.
CAL	S2C	SB	MSNP2	MSNP20	yes	TrID RINGING session-id	none	TRAP: numeric last token. Errors 215 216 217 713.
ANS	C2S	SB	MSNP2	MSNP15	yes	TrID email cookie session-id	none	SECRET cookie. First line of a callee switchboard. TRAP: numeric last token.
ANS	C2S	SB	MSNP16	MSNP20	yes	TrID email;{machine-guid} cookie session-id	none	
ANS	S2C	SB	MSNP2	MSNP20	yes	TrID OK	none	After the IRO lines.
IRO	S2C	SB	MSNP2	MSNP11	yes	TrID index total email friendly	none	TrID of the ANS.
IRO	S2C	SB	MSNP12	MSNP15	yes	TrID index total email friendly [caps]	none	
IRO	S2C	SB	MSNP16	MSNP20	yes	TrID index total email[;{guid}] friendly [caps:extcaps]	none	One row per endpoint plus one without guid.
JOI	S2C	SB	MSNP2	MSNP11	no	email friendly	none	
JOI	S2C	SB	MSNP12	MSNP15	no	email friendly [caps]	none	TRAP: numeric last token.
JOI	S2C	SB	MSNP16	MSNP20	no	email[;{guid}] friendly [caps:extcaps]	none	
BYE	S2C	SB	MSNP2	MSNP20	no	email[;{guid}] [1]	none	Trailing 1 = server closed it for idleness. TRAP: `BYE a@b 1` has no payload.
MSG	C2S	SB	MSNP2	MSNP7	yes	TrID U|N|A length	length-last-arg	U no reply; N only NAK; A ACK or NAK. Wiki misprints without ack or with a number are misprints. S (success-only) seen from MSNP8.
MSG	C2S	SB	MSNP8	MSNP8	yes	TrID U|N|A|S length	length-last-arg	U no reply; N only NAK; A ACK or NAK. Wiki misprints without ack or with a number are misprints. S (success-only) seen from MSNP8.
MSG	C2S	SB	MSNP9	MSNP20	yes	TrID U|N|A|D|S length	length-last-arg	D = P2P data (ACK/NAK or error 282). Payload limit 1664 bytes.
MSG	S2C	SB	MSNP2	MSNP20	no	email[;{guid}] friendly length	length-last-arg	friendly has been seen mangled (bad UTF-8) - never decode before framing.
MSG	S2C	NS	MSNP2	-	no	Hotmail Hotmail length	length-last-arg	Server messages (profile, mail, system). Sender may be another literal; do not require it.
ACK	S2C	SB	MSNP2	MSNP20	yes	TrID	none	Single number: TrID.
NAK	S2C	SB	MSNP2	MSNP20	yes	TrID	none	
NNN	S2C	any	MSNP2	MSNP12	sometimes	[TrID] [text...]	none	Three digits. No TrID on server-originated errors; draft allows free text. Never a payload.
NNN	S2C	DS|NS	MSNP13	-	sometimes	[TrID] [length]	length-last-arg-optional	PAYLOAD-IF args==2 and last is digits. See errors.tsv for codes observed with payload.
NNN	S2C	SB	MSNP13	MSNP20	sometimes	[TrID]	none	
VER	C2S	MSNFTP	-	-	sometimes	[number] MSNFTP	none	Peer TCP link (ports 6891-6900). Receiver speaks first. No TrID.
VER	S2C	MSNFTP	-	-	no	MSNFTP	none	
USR	C2S	MSNFTP	-	-	no	email auth-cookie	none	SECRET cookie.
FIL	S2C	MSNFTP	-	-	no	size	none	TRAP: number is the file size, no payload yet.
TFR	C2S	MSNFTP	-	-	no		none	After this the S2C half is binary blocks (3-byte headers), no longer lines.
BYE	C2S	MSNFTP	-	-	no	code	none	16777989 = all received. Other codes in p2p.md.
BYE	S2C	MSNFTP	-	-	no	code	none	
CCL	C2S	MSNFTP	-	-	no		none	Cancel; may be ended by bare LF; may arrive while blocks are flowing the other way.
CCL	S2C	MSNFTP	-	-	no		none	Only before TFR; during data an end block (type 1) is used.
"""#
