// A local identity provider (OpenID Connect) for the integration tests and the end-to-end tests. It is a certified
// implementation with a minimal sign-in page. It prints its address as a line of JSON and exits when its standard input
// is closed.
//
//   node provider.mjs CLIENT_ID CLIENT_SECRET
//
// A user signs in with the name of an account. The account has the verified e-mail address NAME@example.com unless a
// test changes it:
//
//   POST /control/accounts   {"account": …, "email": …, "email_verified": …}
//   POST /control/keys       replaces the signing keys
//   POST /control/userinfo   {"status": …}: responds to requests for the claims of an account with this status

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const [clientId, clientSecret] = process.argv.slice(2);
if (!clientId || !clientSecret) throw new Error("usage: node provider.mjs CLIENT_ID CLIENT_SECRET");

const accounts = new Map();
let userinfo = null;

function claims(account) {
  return { sub: account, ...(accounts.get(account) ?? { email: `${account}@example.com`, email_verified: true }) };
}

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

async function grantAll(ctx) {
  const { client, provider, session } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid email");
  await grant.save();
  return grant;
}

function newProvider(issuer) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["authorization_code"],
        redirect_uris: ["http://127.0.0.1/login/oidc/callback"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    cookies: { keys: [randomUUID()] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, account) => ({ accountId: account, claims: () => claims(account) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [newKey()] },
    loadExistingGrant: grantAll,
    pkce: { required: () => true },
  });
  // The servers of the tests listen on arbitrary free ports.
  provider.Client.prototype.redirectUriAllowed = (uri) => /^http:\/\/127\.0\.0\.1:\d+\/login\/oidc\/callback$/.test(uri);
  return provider;
}

const PAGE = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Identity provider</title><link rel="icon" href="data:,"></head>
  <body>
    <h1>Who are you?</h1>
    <form method="post">
      <label>Account <input name="account" autocomplete="off"></label>
      <button name="answer" value="continue">Continue</button>
      <button name="answer" value="decline">Decline</button>
    </form>
  </body>
</html>
`;

async function bodyOf(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  return body;
}

async function interact(provider, request, response) {
  if (request.method !== "POST") {
    // This call rejects a request that does not belong to an interaction.
    await provider.interactionDetails(request, response);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
    return;
  }
  const form = new URLSearchParams(await bodyOf(request));
  const result =
    form.get("answer") === "decline"
      ? { error: "access_denied", error_description: "declined" }
      : { login: { accountId: form.get("account") } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function control(request, response, renew) {
  if (request.url === "/control/accounts") {
    const { account, ...others } = JSON.parse(await bodyOf(request));
    accounts.set(account, others);
  } else if (request.url === "/control/userinfo") {
    userinfo = JSON.parse(await bodyOf(request)).status;
  } else {
    renew();
  }
  response.writeHead(204).end();
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  // The server under test is at 127.0.0.1. With another host the two are different sites for a browser, as in
  // production.
  const issuer = `http://localhost:${server.address().port}`;
  let provider = newProvider(issuer);
  const renew = () => (provider = newProvider(issuer));
  server.on("request", (request, response) => {
    const answer = async () => {
      if (request.url.startsWith("/control/")) await control(request, response, renew);
      else if (request.url.startsWith("/interaction/")) await interact(provider, request, response);
      else if (userinfo !== null && request.url === "/me") response.writeHead(userinfo).end();
      else await provider.callback()(request, response);
    };
    answer().catch((error) => {
      console.error(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
});

process.stdin.resume().once("end", () => process.exit(0));
