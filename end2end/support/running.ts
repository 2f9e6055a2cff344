// The server under test and its test accounts, as the global setup passes them to the tests.

export const OPERATORS = {
  ana: { email: "ana@example.com", name: "Ana Lima", role: "admin" },
  sam: { email: "sam@example.com", name: "Sam Okoye", role: "support" },
} as const;

export type OperatorKey = keyof typeof OPERATORS;

/** The token name that the history shows for changes that the tests make through the API. */
export const TOKEN_NAME = "robot";

export interface Running {
  url: string;
  token: string;
  /** The passwords of the operators by e-mail address. */
  passwords: Record<string, string>;
  /** The path of an unused invitation. */
  invitation: string;
  /** The URL of the HTML checker. */
  checker: string;
  /** The URL of the identity provider. */
  issuer: string;
}

const VARIABLE = "GROUPDESK_E2E_RUNNING";

/** Passes the values to the workers, which start after the global setup and inherit its environment. */
export function setRunning(value: Running): void {
  process.env[VARIABLE] = JSON.stringify(value);
}

export function running(): Running {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error("no server was started");
  return JSON.parse(text) as Running;
}

export function passwordOf(operator: OperatorKey): string {
  const password = running().passwords[OPERATORS[operator].email];
  if (password === undefined) throw new Error(`${operator} has no password`);
  return password;
}
