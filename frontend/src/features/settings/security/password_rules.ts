import type { PasswordPolicy } from "@/lib/config";

/** The pool takes no longer one. */
export const LONGEST_PASSWORD = 256;

export type Rule = { words: string; met: (password: string) => boolean };

/** What Cognito counts as letters and as symbols: those of the Latin alphabet without accents, and these signs. */
const SYMBOL = /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+= ]/;

/** What the pool asks of a new password, in words, each with its test. */
export function rulesOf(policy: PasswordPolicy): Rule[] {
  const all: (Rule & { asked: boolean })[] = [
    { asked: true, words: `at least ${policy.min_length} characters`, met: (password) => password.length >= policy.min_length },
    { asked: policy.lowercase, words: "a small letter, a to z", met: (password) => /[a-z]/.test(password) },
    { asked: policy.uppercase, words: "a capital letter, A to Z", met: (password) => /[A-Z]/.test(password) },
    { asked: policy.digits, words: "a digit", met: (password) => /[0-9]/.test(password) },
    { asked: policy.symbols, words: "a symbol, such as ! ? - _ # @", met: (password) => SYMBOL.test(password.trim()) },
    { asked: true, words: "no space at its start or end", met: (password) => password !== "" && password === password.trim() },
  ];
  return all.filter(({ asked }) => asked).map(({ words, met }) => ({ words, met }));
}
