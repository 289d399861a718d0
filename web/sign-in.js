// The sign-in form, where the link was not used or is not good any more.

import { el, icon, moreStyles } from "./dom.js";
import { signIn } from "./api.js";

/** Shows the form; `onDone` is called when somebody signed in. */
export function signInForm(text, onDone) {
  const field = el("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const problem = el("p", { class: "form-error", role: "alert" }, text ?? "");
  const submit = async (event) => {
    event.preventDefault();
    problem.textContent = "";
    try {
      const pasted = field.value.trim();
      await signIn(pasted.includes("#token=") ? decodeURIComponent(pasted.split("#token=")[1]) : pasted);
      onDone();
    } catch (error) {
      problem.textContent = error.status === 401 ? "This is not the token of the program that runs here." : error.message;
      field.select();
    }
  };
  const form = el("div", { class: "sign-in" }, el("form", { onsubmit: submit, "aria-label": "Sign in" }, icon("butterfly"), el("h1", null, "butterflynet"),
    el("p", null, "Open the link that stands in the program’s terminal, or paste it or its token here."),
    el("label", { for: "token" }, "Link or token"), field, problem, el("button", { type: "submit", class: "primary" }, "Sign in")));
  moreStyles();
  document.body.append(form);
  field.focus();
  return form;
}
