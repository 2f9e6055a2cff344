// What a page may weigh, as it is sent. Measured on what is served, and not on files that a build left.

import { brotliCompressSync } from "node:zlib";

import type { APIRequestContext } from "@playwright/test";

import { expect, test } from "../support/test.ts";

const HTML_MAX = 15_000;
const CSS_MAX = 15_000;
const SCRIPT_MAX = 150_000;

/** How many bytes come over the wire when a browser asks for this. */
async function weight(request: APIRequestContext, path: string): Promise<number> {
  const answer = await request.get(path, { headers: { "accept-encoding": "br" } });
  expect(answer.ok(), path).toBe(true);
  const encoding = answer.headers()["content-encoding"];
  expect(encoding, `${path} is sent compressed`).toBe("br");
  const told = answer.headers()["content-length"];
  // Without a length it was compressed on the way: the same again, at the setting for things on the way.
  return told === undefined ? brotliCompressSync(await answer.body()).length : Number(told);
}

test("style, script and WebAssembly keep to their budgets", async ({ page, desk, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "what script asks for is only asked for with script");
  const asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).pathname));
  await desk.signIn("ana");
  await page.waitForLoadState("networkidle");
  const sum = async (ending: RegExp) => {
    const paths = [...asked].filter((path) => ending.test(path));
    expect(paths.length, String(ending)).toBeGreaterThan(0);
    const weights = await Promise.all(paths.map((path) => weight(page.request, path)));
    return weights.reduce((all, one) => all + one, 0);
  };
  const style = await sum(/\.css$/);
  const script = await sum(/\.(js|wasm)$/);
  test.info().annotations.push({ type: "weight", description: `style ${style}, script and WebAssembly ${script}` });
  console.log(`style ${style} B, script and WebAssembly ${script} B`);
  expect.soft(style).toBeLessThanOrEqual(CSS_MAX);
  expect.soft(script).toBeLessThanOrEqual(SCRIPT_MAX);
});

test("a page of fifty rows keeps to its budget", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled, "the page is the same");
  const group = await api.group("Fifty", await api.workspaces(55));
  for (const enrollment of (await api.live(group)).slice(0, 3)) await api.remove(enrollment);
  const [live] = await api.live(group);
  const [workspace] = await api.workspaces(1);
  const paths = [`/enrollments/${live}`, `/workspaces/${workspace?.id}`, `/groups/${group.id}`, `/groups/${group.id}?tab=history`, "/groups", "/workspaces", "/people", "/audit"];
  await desk.signIn("ana");
  for (const path of paths) {
    const bytes = await weight(page.request, path);
    console.log(`${path.replace(group.id, "…")} ${bytes} B`);
    expect.soft(bytes, path).toBeLessThanOrEqual(HTML_MAX);
  }
});
