import { expect, SAME_ORIGIN_HEADERS, test } from "../support/test.ts";

test("support sees everything without controls for changes", async ({ page, desk, api }) => {
  const [workspace, gone] = await api.workspaces(2);
  if (!workspace || !gone) throw new Error("too few workspaces");
  const group = await api.group("Seen by Sam", [workspace]);
  await api.remove(await api.enroll(group, gone));
  const [enrollment] = await api.live(group);

  await desk.signIn("sam", `/groups/${group.id}`);
  await expect(desk.row(workspace)).toContainText("no one (system)");
  await expect(page.getByRole("heading", { name: "Enroll a workspace" })).toHaveCount(0);
  await expect(desk.main.getByRole("button")).toHaveText(["Find"]);
  await expect(page.getByRole("button", { name: /Remove / })).toHaveCount(0);

  await desk.openTab("Removed");
  await expect(desk.row(gone)).toContainText("API, robot");
  await expect(desk.main.getByRole("button")).toHaveText(["Find"]);
  await desk.openTab("History");
  await expect(desk.history).toHaveCount(3);
  await expect(desk.main.getByRole("button")).toHaveText(["Find"]);

  // A link with a search does not show the buttons for admins either.
  await page.goto(`/groups/${group.id}?find=${gone.externalId}`);
  await expect(desk.row(workspace)).toBeVisible();
  await expect(desk.main.getByRole("button")).toHaveText(["Find"]);

  await page.goto("/groups");
  await expect(page.getByRole("link", { name: "New group" })).toHaveCount(0);
  await expect(desk.main.getByRole("button")).toHaveText(["Search"]);

  desk.watch.expect(403, "/groups/new");
  await page.goto("/groups/new");
  await expect(desk.refusal).toHaveText("Only admins may create groups.");
  await expect(desk.main.getByRole("button")).toHaveCount(0);
  desk.watch.expect(403, `/enrollments/${enrollment}/remove`);
  await page.goto(`/enrollments/${enrollment}/remove`);
  await expect(desk.main).toContainText("Only admins may remove workspaces.");
  await expect(desk.main.getByRole("button")).toHaveCount(0);
});

test("a form forged by support changes nothing", async ({ page, desk, api }) => {
  const [workspace, member, gone] = await api.workspaces(3);
  if (!workspace || !member || !gone) throw new Error("too few workspaces");
  const group = await api.group("Forged at", [member]);
  const removed = await api.enroll(group, gone);
  await api.remove(removed);
  const live = await api.live(group);
  await desk.signIn("sam", `/groups/${group.id}`);

  const here = `/groups/${group.id}`;
  const forged: [string, Record<string, string>][] = [
    ["enrollment-enroll", { group: group.id, workspace: workspace.id, back: here }],
    ["enrollment-remove", { enrollment: live[0] ?? "", form_at: here, back: here }],
    ["enrollment-readd", { enrollment: removed, back: here }],
    ["group-create", { name: `${group.name} forged`, pasted: "" }],
  ];
  for (const [name, form] of forged) {
    await test.step(name, async () => {
      const answer = await page.request.post(`/api/fn/${name}`, {
        headers: SAME_ORIGIN_HEADERS,
        form,
        maxRedirects: 0,
      });
      expect(answer.status()).toBe(302);
      await page.goto(here);
      await expect(desk.refusal).toHaveText("Only admins may make changes. You can view, search and export.");
      await expect(desk.tab("Members (1)")).toBeVisible();
    });
  }
  expect(await api.live(group)).toEqual(live);
  expect(await api.groupsNamed(group.name)).toEqual([group]);
});

test("another site cannot make changes as an admin", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Lured");
  await desk.signIn("ana", `/groups/${group.id}`);
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }, {}]) {
    const answer = await page.request.post("/api/fn/enrollment-enroll", {
      headers: headers as Record<string, string>,
      form: { group: group.id, workspace: workspace.id, back: "/groups" },
      maxRedirects: 0,
    });
    expect(answer.status()).toBe(403);
  }
  expect(await api.live(group)).toEqual([]);
});

test("a change without a session redirects to the sign-in page", async ({ page, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Signed out");
  const answer = await page.request.post("/api/fn/enrollment-enroll", {
    headers: SAME_ORIGIN_HEADERS,
    form: { group: group.id, workspace: workspace.id, back: `/groups/${group.id}` },
    maxRedirects: 0,
  });
  expect([answer.status(), answer.headers()["location"]]).toEqual([302, `/login?next=/groups/${group.id}`]);
  expect(await api.live(group)).toEqual([]);
});
