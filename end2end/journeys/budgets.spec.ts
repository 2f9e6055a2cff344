// Limits on the compressed size of pages and their assets, in bytes. The tests measure responses and not the files of a
// build, because the server decides which form it sends.

import { get } from "node:http";

import type { Page } from "@playwright/test";

import { expect, test } from "../support/test.ts";

const HTML_MAX = 15_000;
const CSS_MAX = 15_000;
const SCRIPT_MAX = 130_000;

/** The size in bytes of a response to this browser, before decompression. */
async function transferSize(page: Page, path: string): Promise<number> {
  const url = new URL(path, page.url());
  const cookies = await page.context().cookies(url.href);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const headers = { "accept": "text/html,*/*", "accept-encoding": "gzip, deflate, br", cookie };
  return new Promise((resolve, reject) => {
    const request = get(url, { headers }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.on("error", reject);
      answer.on("end", () => {
        expect(answer.statusCode, path).toBe(200);
        expect(answer.headers["content-encoding"], `${path} is sent compressed`).toBe("br");
        resolve(bytes);
      });
    });
    request.on("error", reject);
  });
}

test("style, script and WebAssembly stay within their budgets", async ({ page, desk, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "the assets are requested by JavaScript");
  const requested = new Set<string>();
  page.on("request", (request) => requested.add(new URL(request.url()).pathname));
  await desk.signIn("ana");
  await page.waitForLoadState("networkidle");
  const totalSize = async (extension: RegExp) => {
    const paths = [...requested].filter((path) => extension.test(path));
    expect(paths.length, String(extension)).toBeGreaterThan(0);
    const sizes = await Promise.all(paths.map((path) => transferSize(page, path)));
    return sizes.reduce((total, size) => total + size, 0);
  };
  const style = await totalSize(/\.css$/);
  const script = await totalSize(/\.(js|wasm)$/);
  test.info().annotations.push({ type: "size", description: `style ${style}, script and WebAssembly ${script}` });
  console.log(`style ${style} B, script and WebAssembly ${script} B`);
  expect.soft(style).toBeLessThanOrEqual(CSS_MAX);
  expect.soft(script).toBeLessThanOrEqual(SCRIPT_MAX);
});

test("a page of fifty rows stays within its budget", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled, "the HTML is the same with and without JavaScript");
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
    const bytes = await transferSize(page, path);
    console.log(`${path.replace(/[0-9a-f-]{36}/, "…")} ${bytes} B`);
    expect.soft(bytes, path).toBeLessThanOrEqual(HTML_MAX);
  }
});
