// What a page may weigh, as it is sent. Measured on what is served, and not on files that a build left.

import { get } from "node:http";

import type { Page } from "@playwright/test";

import { expect, test } from "../support/test.ts";

const HTML_MAX = 15_000;
const CSS_MAX = 15_000;
const SCRIPT_MAX = 130_000;

/** How many bytes come over the wire when this browser asks for this: counted before they are unpacked. */
async function weight(page: Page, path: string): Promise<number> {
  const url = new URL(path, page.url());
  const cookies = await page.context().cookies(url.href);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const headers = { "accept": "text/html,*/*", "accept-encoding": "gzip, deflate, br", cookie };
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.on("error", reject);
      answer.on("end", () => {
        expect(answer.statusCode, path).toBe(200);
        expect(answer.headers["content-encoding"], `${path} is sent compressed`).toBe("br");
        resolve(bytes);
      });
    });
    asked.on("error", reject);
  });
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
    const weights = await Promise.all(paths.map((path) => weight(page, path)));
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
  const emptied = await api.group("Emptied", await api.workspaces(55));
  for (const enrollment of await api.live(emptied)) await api.remove(enrollment);
  const [live] = await api.live(group);
  const [workspace] = await api.workspaces(1);
  const at = new Date().toISOString();
  const paths = [
    "/",
    "/groups",
    `/groups/${group.id}`,
    `/groups/${emptied.id}?tab=removed`,
    `/groups/${emptied.id}?tab=history`,
    "/workspaces",
    `/workspaces/${workspace?.id}`,
    `/enrollments/${live}`,
    "/people",
    "/audit",
    `/audit/as-of?group=${group.id}`,
    `/audit/compare?group=${group.id}&earlier=2020-01-01T00:00:00Z&later=${at}`,
    "/account",
  ];
  await desk.signIn("ana");
  for (const path of paths) {
    const bytes = await weight(page, path);
    console.log(`${path.replace(/[0-9a-f-]{36}/, "…")} ${bytes} B`);
    expect.soft(bytes, path).toBeLessThanOrEqual(HTML_MAX);
  }
});
