import { Desk, expect, test } from "../support/test.ts";

test.describe("a change by someone else", () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "live updates need JavaScript");

  /** Opens a page and waits until it is subscribed to change notifications. */
  async function openSubscribed(desk: Desk, path: string): Promise<void> {
    const subscribed = desk.page.waitForResponse((answer) => new URL(answer.url()).pathname === "/live");
    await desk.page.goto(path);
    expect((await subscribed).status()).toBe(200);
  }

  test("appears marked without a reload and keeps selected rows", async ({ page, desk, api }) => {
    const [present, added] = await api.workspaces(2);
    if (!present || !added) throw new Error("too few workspaces");
    const group = await api.group("Watched", [present]);
    await desk.signIn("ana");
    await openSubscribed(desk, `/groups/${group.id}`);
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    const tick = desk.row(present).getByRole("checkbox");
    await tick.check();
    await page.mouse.move(0, 0);
    await page.getByRole("main").focus();

    const enrollment = await api.enroll(group, added);
    await expect(desk.row(added)).toBeVisible({ timeout: 2_000 });
    await expect(desk.row(added)).toHaveAttribute("data-new", "");
    await expect(desk.row(present)).not.toHaveAttribute("data-new", "");
    await expect(desk.tab("Members (2)")).toBeVisible();
    await expect(tick).toBeChecked();
    await expect(desk.main).toContainText("1 selected");

    await api.remove(enrollment);
    await expect(desk.row(added)).toHaveCount(0, { timeout: 2_000 });
    await expect(desk.tab("Members (1)")).toBeVisible();
    await expect(tick).toBeChecked();
    expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
  });

  test("does not replace rows that contain a form", async ({ page, desk, api }) => {
    const [gone, removedLater] = await api.workspaces(2);
    if (!gone || !removedLater) throw new Error("too few workspaces");
    const group = await api.group("Came and went");
    const first = await api.enroll(group, gone);
    const second = await api.enroll(group, removedLater);
    await api.remove(first);
    await desk.signIn("ana");
    await openSubscribed(desk, `/groups/${group.id}?tab=removed`);
    await page.mouse.move(0, 0);
    await desk.row(gone).evaluate((row) => Object.assign(row, { isTheSame: true }));

    await api.remove(second);
    await expect(desk.row(removedLater)).toBeVisible({ timeout: 2_000 });
    expect(await desk.row(gone).evaluate((row) => "isTheSame" in row)).toBe(true);
  });

  test("waits until the pointer and the focus leave the rows", async ({ page, desk, api }) => {
    const [present, added, later] = await api.workspaces(3);
    if (!present || !added || !later) throw new Error("too few workspaces");
    const group = await api.group("Pointed at", [present]);
    await desk.signIn("ana");
    await openSubscribed(desk, `/groups/${group.id}`);
    await desk.row(present).hover();
    const show = page.getByRole("button", { name: "Show", exact: true });
    await expect(show).toBeHidden();

    await api.enroll(group, added);
    await expect(show).toBeVisible();
    await expect(desk.main).toContainText("1 new change");
    await expect(desk.tab("Members (2)")).toBeVisible();
    await expect(desk.row(added)).toHaveCount(0);
    await page.mouse.move(0, 0);
    await expect(desk.row(added)).toBeVisible();
    await expect(show).toBeHidden();

    await desk.row(present).getByRole("button", { name: "Remove" }).focus();
    await api.enroll(group, later);
    await expect(show).toBeVisible();
    await expect(desk.row(later)).toHaveCount(0);
    await expect(desk.row(present).getByRole("button", { name: "Remove" })).toBeFocused();
    await show.click();
    await expect(desk.row(later)).toBeVisible();
  });

  test("appears on another operator's page at once", async ({ browser, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Seen by both");
    await desk.signIn("sam");
    await openSubscribed(desk, `/groups/${group.id}?tab=history`);

    const other = await browser.newContext({ baseURL: new URL(desk.page.url()).origin });
    const ana = new Desk(await other.newPage(), desk.watch, true);
    await ana.signIn("ana", `/groups/${group.id}`);
    await ana.enroll(workspace);
    await expect(ana.done).toContainText("was enrolled in");

    await expect(desk.history).toContainText([`Ana Lima enrolled ${workspace.name}`]);
    // The notification must not replace the confirmation on the page of the admin who made the change.
    await expect(ana.done).toContainText("was enrolled in");
    await other.close();
  });

  test("appears in the list of groups", async ({ page, desk, api }) => {
    const group = await api.group("Counted live");
    await desk.signIn("sam");
    await openSubscribed(desk, "/groups?q=Counted+live");
    const row = page.getByRole("row").filter({ hasText: group.name });
    await expect(row.getByRole("cell").first()).toHaveText("0");
    await page.mouse.move(0, 0);
    await api.enroll(group, await api.workspace());
    await expect(row.getByRole("cell").first()).toHaveText("1", { timeout: 2_000 });
    await expect(row.getByRole("cell").first()).toHaveAttribute("data-new", "");
    const another = await api.group("Counted live");
    await expect(page.getByRole("row").filter({ hasText: another.name })).toBeVisible({ timeout: 2_000 });
  });

  test("an outage is reported within seconds, and no longer once it is over", async ({ page, desk, api }) => {
    const group = await api.group("Cut off");
    await desk.signIn("sam");
    await openSubscribed(desk, `/groups/${group.id}`);
    const lost = page.getByText("The connection is lost. What you see may be out of date.");
    desk.watch.allowOffline();
    await page.context().setOffline(true);
    await expect(lost).toBeVisible({ timeout: 4_000 });
    await page.context().setOffline(false);
    await expect(lost).toBeHidden({ timeout: 10_000 });
  });

  test("appears after an outage that the page reports", async ({ page, desk, api }) => {
    test.slow();
    const workspace = await api.workspace();
    const group = await api.group("Lost and found");
    await desk.signIn("sam");
    let isAvailable = false;
    // A proxy responds with 502 while its server is unavailable.
    await page.route("**/live?*", (route) => (isAvailable ? route.continue() : route.fulfill({ status: 502 })));
    desk.watch.expect(502, "/live");
    await page.goto(`/groups/${group.id}`);
    const lost = "The connection is lost. What you see may be out of date.";
    await expect(desk.main).toContainText(lost, { timeout: 10_000 });
    await api.enroll(group, workspace);
    isAvailable = true;
    await expect(desk.row(workspace)).toBeVisible({ timeout: 60_000 });
    await expect(desk.main).not.toContainText(lost);
  });
});
