// The three scenarios of benches/browser, as Playwright's users write them.
const { test, expect } = require("@playwright/test");

async function enter(page, item) {
  await page.locator("#id_new_item").fill(item);
  await page.locator("#id_new_item").press("Enter");
}

async function centre(page) {
  const box = await page.locator("#id_new_item").boundingBox();
  return box.x + box.width / 2;
}

test("a visitor starts a list", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveTitle(/To-Do/);
  await expect(page.locator("#id_new_item")).toHaveAttribute("placeholder", "Enter a to-do item");
  await enter(page, "Buy peacock feathers");
  await expect(page).toHaveURL(/\/lists\/\d+\/$/);
  await expect(page.locator("#id_list_table tr").first()).toContainText("1: Buy peacock feathers");
  await enter(page, "Use peacock feathers to make a fly");
  await expect(page.locator("#id_list_table tr")).toHaveCount(2);
  await expect(page.locator("#id_list_table tr").first()).toContainText("1: Buy peacock feathers");
});

test("two visitors have lists of their own", async ({ browser }) => {
  const edith = await (await browser.newContext()).newPage();
  await edith.goto("/");
  await expect(edith).toHaveTitle(/To-Do/);
  await enter(edith, "Buy peacock feathers");
  await expect(edith).toHaveURL(/\/lists\/\d+\/$/);
  await expect(edith.locator("#id_list_table tr")).toContainText("1: Buy peacock feathers");
  const hers = edith.url();

  const francis = await (await browser.newContext()).newPage();
  await francis.goto("/");
  await expect(francis.locator("body")).not.toContainText("Buy peacock feathers");
  await enter(francis, "Buy milk");
  await expect(francis).toHaveURL(/\/lists\/\d+\/$/);
  expect(francis.url()).not.toBe(hers);
  await expect(francis.locator("#id_list_table tr")).toContainText("1: Buy milk");
  await expect(francis.locator("body")).not.toContainText("Buy peacock feathers");
});

test("the input is centred", async ({ page }) => {
  await page.goto("/");
  expect(Math.abs((await centre(page)) - 512)).toBeLessThanOrEqual(10);
  await enter(page, "testing");
  await expect(page.locator("#id_list_table tr")).toContainText("1: testing");
  expect(Math.abs((await centre(page)) - 512)).toBeLessThanOrEqual(10);
});
