import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { drawPlates, workplace } from './workplace.ts';

const place = workplace();
after(place.remove);

test('inspect writes reports, judges gates and moves labels', async () => {
  const folder = await drawPlates(place.at);
  const model = place.at('plate.nferd');
  await place.nferd(['train', folder, '--out', model, '--mode', 'instant', '--size', '128', '--provider', 'cpu']);
  const inspect = (...args: string[]) =>
    place.nferd(['inspect', folder, '--model', model, '--provider', 'cpu', ...args]);
  const reports = ['r.html', 'r.csv', 'r.json'].map(place.at);
  const passed = await inspect(
    ...reports.flatMap((file) => ['--report', file]),
    ...['--fail-if', 'recall<0.5', '--fail-if', 'failed>0', '--export', 'csv', place.at('labels.csv')],
  );
  assert.equal(passed.code, 0, passed.err.join('\n'));
  assert.match(readFileSync(reports[0]!, 'utf8'), /^<!doctype html>[^]*<\/html>\n$/);
  assert.equal(readFileSync(reports[1]!, 'utf8').trim().split('\r\n').length, 13);
  assert.equal((JSON.parse(readFileSync(reports[2]!, 'utf8')) as { format: string }).format, 'nferd report');
  assert.ok(existsSync(place.at('labels.masks/test/dot/0.png.png')));

  const failed = await inspect('--fail-if', 'images<1000');
  assert.equal(failed.code, 1);
  assert.match(failed.err.join('\n'), /nferd: failed: images<1000 \(it is \d+\)/);

  for (const [args, message] of [
    [['--fail-if', 'recal<1'], /no metric is called "recal"/],
    [['--report', 'report.pdf'], /report\.pdf: tells no format/],
  ] as const) {
    const refused = await inspect(...args);
    assert.equal(refused.code, 2);
    assert.match(refused.err.join('\n'), message);
    assert.equal(refused.err.length, 1);
  }
});
