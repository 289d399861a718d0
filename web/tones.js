// The tone of a person: the same one everywhere.

/** Which of six tones an account has. */
export function toneOf(account) {
  let sum = 7;
  for (const character of String(account)) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % 6;
}
