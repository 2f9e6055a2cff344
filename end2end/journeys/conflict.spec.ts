import { expect, SAME_ORIGIN_HEADERS, test } from "../support/test.ts";

test("an enrolled workspace is marked and cannot be enrolled again", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Already in", [workspace]);
  await desk.signIn("ana", `/groups/${group.id}`);
  if (desk.hasScript) {
    const option = await desk.find(workspace);
    await expect(option).toContainText("already in");
    await expect(option).toBeDisabled();
    await option.click({ force: true });
    await page.keyboard.press("ArrowDown");
    await expect(desk.picker).not.toHaveAttribute("aria-activedescendant");
    await expect(desk.picker).toHaveValue(workspace.externalId);
    await expect(page).toHaveURL(`/groups/${group.id}`);
  } else {
    const found = await desk.search(workspace);
    await expect(found).toContainText("already in");
    await expect(found.getByRole("button")).toHaveCount(0);
  }
  expect(await api.live(group)).toHaveLength(1);
});

/** The page was loaded before the other change, so it still offers to enroll the workspace. */
for (const rival of ["a program", "another admin"]) {
  test(`a conflict with ${rival} is explained`, async ({ browser, page, desk, api, baseURL }) => {
    const workspace = await api.workspace();
    const group = await api.group("Two at once");
    await desk.signIn("ana", `/groups/${group.id}`);
    const option = desk.hasScript ? await desk.find(workspace) : undefined;
    if (!desk.hasScript) await desk.search(workspace);

    if (rival === "a program") {
      await api.enroll(group, workspace);
    } else {
      const elsewhere = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
      const answer = await elsewhere.request.post("/api/fn/enrollment-enroll", {
        headers: SAME_ORIGIN_HEADERS,
        form: { group: group.id, workspace: workspace.id, back: "/groups" },
        maxRedirects: 0,
      });
      expect(answer.status()).toBe(302);
      await elsewhere.close();
    }
    if (option) await option.click();
    else await page.getByRole("button", { name: `Enroll ${workspace.name}` }).click();

    const by = rival === "a program" ? "" : " by Ana Lima";
    const message = `${workspace.name} is already in ${group.name}, enrolled${by} on `;
    await expect(desk.refusal).toContainText(message);
    await expect(desk.refusal).toHaveText(/ on \d{1,2} [A-Z][a-z]+ \d{4}\. See that enrollment$/);
    await expect(desk.refusal).toBeFocused();
    await expect(desk.refusal.getByRole("link")).toHaveAttribute("href", /^\/enrollments\//);
    await expect(desk.heading).toHaveText(group.name);
    await expect(desk.tab("Members (1)")).toBeVisible();
    await expect(desk.row(workspace)).toBeVisible();
    expect(await api.live(group)).toHaveLength(1);
  });
}

test("re-adding a workspace twice explains the conflict", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Added twice");
  await api.remove(await api.enroll(group, workspace));
  await desk.signIn("ana", `/groups/${group.id}?tab=removed`);
  await desk.beforeRequest("enrollment-readd", () => api.enroll(group, workspace));
  await page.getByRole("button", { name: `Enroll ${workspace.name} again` }).click();
  await expect(desk.refusal).toContainText(`${workspace.name} is already in ${group.name}, enrolled on `);
  await expect(page).toHaveURL(`/groups/${group.id}?tab=removed`);
  expect(await api.live(group)).toHaveLength(1);
});

test("an enrollment that was already removed is not removed twice", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Removed twice");
  const enrollment = await api.enroll(group, workspace);
  await desk.signIn("ana", `/enrollments/${enrollment}/remove`);
  await api.remove(enrollment);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page).toHaveURL(`/groups/${group.id}`);
  await expect(desk.tab("Members (0)")).toBeVisible();
  await desk.openTab("History");
  await expect(desk.history).toHaveCount(2);

  await page.goto(`/enrollments/${enrollment}/remove`);
  await expect(desk.main).toContainText("It was already removed.");
  await expect(desk.main.getByRole("button")).toHaveCount(0);
});
