// What is read off pages.

// The rows of the first table as objects by the words of its column headers.
export async function table(page, selector = 'main table') {
  return page.locator(selector).first().evaluate((element) => {
    const plain = (node) => node.textContent.replace(/\s+/g, ' ').trim();
    const heads = [...element.querySelectorAll('thead th')].map(plain);
    return [...element.querySelectorAll('tbody tr')].map((row) => {
      const cells = [...row.children].map(plain);
      return Object.fromEntries(cells.map((cell, i) => [heads[i], cell]));
    });
  });
}

export function rowOf(rows, agency, clock) {
  const row = rows.find((it) => it.Agency.startsWith(agency) && clock.test(it.Clock));
  return row ?? { Number: '0', 'On time': '0' };
}

// "Referrals (12 new)" in the navigation.
export async function newCount(page) {
  const text = await page.locator('.govuk-service-navigation').innerText({}).catch(() => '');
  const all = await page.locator('.govuk-service-navigation').evaluate((e) => e.textContent);
  return Number((text + all).match(/\((\d+)\+? new\)/)?.[1] ?? 0);
}

// The references of a report's referrals, by pathway, from the report's page.
export async function referralsOf(page) {
  const links = await page.locator('main a[href^="/referrals/"]').evaluateAll((list) => list.map((a) => [a.textContent, a.getAttribute('href')]));
  const of = (word) => links.find(([text]) => text.includes(word))?.[1].split('/').pop();
  return { LADO: of('LADO'), MASH: of('MASH') };
}

// The same address with a reference that was never given out.
export function madeUp(path) {
  return path.replace(/[A-Z0-9-]{6,}/, (reference) => [...reference].reverse().join(''));
}
