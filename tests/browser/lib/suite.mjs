// Cases named by a sentence. Cases run one after another, in the order in which they were written.
const cases = [];

export class Failure extends Error {}

export function test(name, body) {
  cases.push({ name, body });
}

// The steps of one long story: where one fails, the later ones fail too, because they cannot be told.
export function story(title, steps) {
  const told = {};
  let broken = null;
  for (const [name, body] of Object.entries(steps)) {
    test(`${title}: ${name}`, async () => {
      if (broken) throw new Failure(`cannot be told, because this failed: ${broken}`);
      try {
        await body(told);
      } catch (error) {
        broken = name;
        throw error;
      }
    });
  }
}

export function expect(condition, message) {
  if (!condition) throw new Failure(message);
}

export function equal(found, wanted, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  expect(a === b, `${what}: ${a} instead of ${b}`);
}

// Runs the cases whose names hold one of the words, or all; gives the number of failures. `failed` is told of each.
export async function run(words, failed) {
  let passed = 0;
  const failures = [];
  const chosen = cases.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  for (const { name, body } of chosen) {
    const started = Date.now();
    try {
      await body();
      passed++;
      console.log(`ok      ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failures.push(name);
      const text = error instanceof Failure ? error.message : error.stack;
      console.log(`FAILED  ${name}\n        ${text.split('\n').join('\n        ')}`);
      await failed(name);
    }
  }
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length + (passed === 0 ? 1 : 0);
}
