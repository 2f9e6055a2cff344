import { expect, test } from "../support/test.ts";

test("a printed page shows its content without controls", async ({ page, desk, api }) => {
  const group = await api.group("Printed", await api.workspaces(3));
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(desk.heading).toBeVisible();
  await expect(page.getByRole("table")).toBeVisible();
  await expect(page.getByRole("banner")).toBeHidden();
  await expect(page.getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await expect(page.locator("body")).toHaveCSS("background-color", "rgb(255, 255, 255)");
});
