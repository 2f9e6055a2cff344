// What the tests know of the desk that was started for them.

export const OPERATORS = {
  ana: { email: "ana@example.com", name: "Ana Lima", role: "admin" },
  sam: { email: "sam@example.com", name: "Sam Okoye", role: "support" },
} as const;

export type Who = keyof typeof OPERATORS;

/** What the history calls the changes that the tests make through the API. */
export const TOKEN_NAME = "robot";

export interface Running {
  url: string;
  token: string;
  /** By e-mail address. */
  passwords: Record<string, string>;
  /** The path of a link by which somebody who was invited chooses a password. */
  invitation: string;
  /** Where the HTML checker is asked. */
  checker: string;
  /** Where the identity provider is. */
  issuer: string;
}

const VARIABLE = "GROUPDESK_E2E_RUNNING";

/** Workers are started after the global setup and inherit its environment. */
export function tell(running: Running): void {
  process.env[VARIABLE] = JSON.stringify(running);
}

export function running(): Running {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error("no desk was started");
  return JSON.parse(text) as Running;
}

export function passwordOf(who: Who): string {
  const password = running().passwords[OPERATORS[who].email];
  if (password === undefined) throw new Error(`${who} has no password`);
  return password;
}
