import { expect, test } from "../support/test.ts";

test.describe("what others change", () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "without script a page is as it was read");

  /** The page hears of changes once the server has answered that it will tell them. */
  async function opened(desk: import("../support/test.ts").Desk, path: string): Promise<void> {
    const heard = desk.page.waitForResponse((answer) => new URL(answer.url()).pathname === "/live");
    await desk.page.goto(path);
    expect((await heard).status()).toBe(200);
  }

  test("appears without a reload, marked, and what is ticked stays ticked", async ({ page, desk, api }) => {
    const [there, comes] = await api.workspaces(2);
    if (!there || !comes) throw new Error("too few workspaces");
    const group = await api.group("Watched", [there]);
    await desk.signIn("ana");
    await opened(desk, `/groups/${group.id}`);
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    const tick = desk.row(there).getByRole("checkbox");
    await tick.check();
    await page.mouse.move(0, 0);
    await page.getByRole("main").focus();

    const enrollment = await api.enroll(group, comes);
    await expect(desk.row(comes)).toBeVisible({ timeout: 2_000 });
    await expect(desk.row(comes)).toHaveAttribute("data-new", "");
    await expect(desk.row(there)).not.toHaveAttribute("data-new", "");
    await expect(desk.tab("Members (2)")).toBeVisible();
    await expect(tick).toBeChecked();
    await expect(desk.main).toContainText("1 selected");

    await api.remove(enrollment);
    await expect(desk.row(comes)).toHaveCount(0, { timeout: 2_000 });
    await expect(desk.tab("Members (1)")).toBeVisible();
    await expect(tick).toBeChecked();
    expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
  });

  test("leaves rows alone that have a form of their own", async ({ page, desk, api }) => {
    const [gone, goes] = await api.workspaces(2);
    if (!gone || !goes) throw new Error("too few workspaces");
    const group = await api.group("Came and went");
    const first = await api.enroll(group, gone);
    const second = await api.enroll(group, goes);
    await api.remove(first);
    await desk.signIn("ana");
    await opened(desk, `/groups/${group.id}?tab=removed`);
    await page.mouse.move(0, 0);
    await desk.row(gone).evaluate((row) => Object.assign(row, { isTheSame: true }));

    await api.remove(second);
    await expect(desk.row(goes)).toBeVisible({ timeout: 2_000 });
    expect(await desk.row(gone).evaluate((row) => "isTheSame" in row)).toBe(true);
  });

  test("waits while the pointer is on what would move, and comes when it leaves", async ({ page, desk, api }) => {
    const [there, comes, later] = await api.workspaces(3);
    if (!there || !comes || !later) throw new Error("too few workspaces");
    const group = await api.group("Pointed at", [there]);
    await desk.signIn("ana");
    await opened(desk, `/groups/${group.id}`);
    await desk.row(there).hover();
    const show = page.getByRole("button", { name: "Show it" });
    await expect(show).toBeHidden();

    await api.enroll(group, comes);
    await expect(show).toBeVisible();
    await expect(desk.tab("Members (2)")).toBeVisible();
    await expect(desk.row(comes)).toHaveCount(0);
    await page.mouse.move(0, 0);
    await expect(desk.row(comes)).toBeVisible();
    await expect(show).toBeHidden();

    await desk.row(there).getByRole("link", { name: "Remove" }).focus();
    await api.enroll(group, later);
    await expect(show).toBeVisible();
    await expect(desk.row(later)).toHaveCount(0);
    await expect(desk.row(there).getByRole("link", { name: "Remove" })).toBeFocused();
    await show.click();
    await expect(desk.row(later)).toBeVisible();
  });

  test("is seen by one admin while the other does it", async ({ browser, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Seen by both");
    await desk.signIn("sam");
    await opened(desk, `/groups/${group.id}?tab=history`);

    const { Desk } = await import("../support/test.ts");
    const other = await browser.newContext({ baseURL: new URL(desk.page.url()).origin });
    const ana = new Desk(await other.newPage(), desk.watch, true);
    await ana.signIn("ana", `/groups/${group.id}`);
    await ana.enroll(workspace);
    await expect(ana.done).toContainText("was enrolled in");

    await expect(desk.history).toContainText([`Ana Lima enrolled ${workspace.name}`]);
    // Whoever did it reads what came of it; the other one's page does not take that away.
    await expect(ana.done).toContainText("was enrolled in");
    await other.close();
  });

  test("is shown in the list of groups", async ({ page, desk, api }) => {
    const group = await api.group("Counted live");
    await desk.signIn("sam");
    await opened(desk, "/groups?q=Counted+live");
    const row = page.getByRole("row").filter({ hasText: group.name });
    await expect(row.getByRole("cell").first()).toHaveText("0");
    await page.mouse.move(0, 0);
    await api.enroll(group, await api.workspace());
    await expect(row.getByRole("cell").first()).toHaveText("1", { timeout: 2_000 });
    await expect(row.getByRole("cell").first()).toHaveAttribute("data-new", "");
    const another = await api.group("Counted live");
    await expect(page.getByRole("row").filter({ hasText: another.name })).toBeVisible({ timeout: 2_000 });
  });

  test("is said not to show while the server cannot be reached, and shows afterwards", async ({ page, desk, api }) => {
    test.slow();
    const workspace = await api.workspace();
    const group = await api.group("Lost and found");
    await desk.signIn("sam");
    let isAway = true;
    // As a proxy answers whose server is away.
    await page.route("**/live?*", (route) => (isAway ? route.fulfill({ status: 502 }) : route.continue()));
    desk.watch.expect(502, "/live");
    await page.goto(`/groups/${group.id}`);
    await expect(desk.main).toContainText("Changes by others do not show at the moment.", { timeout: 30_000 });
    await api.enroll(group, workspace);
    isAway = false;
    await expect(desk.row(workspace)).toBeVisible({ timeout: 60_000 });
    await expect(desk.main).not.toContainText("do not show at the moment");
  });
});
