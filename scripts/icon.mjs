// Draws media/icon.svg and, from it, media/icon.png: a bank of normal patches and the one that is
// not.
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';

const size = 256;
const cells = 5;
const step = 36;
const start = (size - cells * step) / 2;
const hot = { x: 3, y: 1 };
const colors = ['#2f2a6b', '#3b528b', '#2c728e', '#8f2469', '#e35933', '#fbb61a', '#fcffa4'];

/** Far from the hot patch all are alike and blue; near it they glow. */
function color(x, y) {
  const distance = Math.hypot(x - hot.x, y - hot.y);
  if (distance === 0) return colors[6];
  if (distance <= 1) return colors[4];
  if (distance < 2) return colors[3];
  return colors[(x * 7 + y * 3) % 3];
}

const patches = Array.from({ length: cells * cells }, (_, i) => [i % cells, Math.floor(i / cells)])
  .map(([x, y]) => {
    const grown = x === hot.x && y === hot.y ? 5 : 0;
    const side = step - 7 + 2 * grown;
    const at = (i) => start + i * step + 3.5 - grown;
    return (
      `<rect x="${at(x)}" y="${at(y)}" width="${side}" height="${side}" rx="${7 + grown / 2}" ` +
      `fill="${color(x, y)}"/>`
    );
  })
  .sort((a, b) => Number(a.includes(colors[6])) - Number(b.includes(colors[6])));
const centre = (i) => start + (i + 0.5) * step;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}">
  <rect width="${size}" height="${size}" rx="56" fill="#16161f"/>
  ${patches.join('\n  ')}
  <circle cx="${centre(hot.x)}" cy="${centre(hot.y)}" r="44" fill="none" stroke="#ffffff" stroke-width="7"/>
</svg>
`;
writeFileSync('media/icon.svg', svg);
await sharp(Buffer.from(svg)).png().toFile('media/icon.png');
