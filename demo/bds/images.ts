import { between, drawing } from "./random.ts";

/** A street of houses under some sky, drawn from the number: the site has no photographs. */
export function picture(id: number, index: number): string {
  const draw = drawing(id, index, 14);
  const hue = between(draw, 0, 359);
  const houses = Array.from({ length: 6 }, (_, i) => {
    const height = between(draw, 50, 150);
    const x = i * 56 - 10;
    const windows = Array.from(
      { length: Math.floor(height / 30) },
      (_, w) => `<path d="M${x + 10} ${208 - height + w * 28}h12v14h-12zm24 0h12v14h-12z"/>`,
    ).join("");
    return `<g fill="hsl(${(hue + i * 14) % 360} 30% ${between(draw, 35, 60)}%)"><path d="M${x} ${200 - height}h56v${height + 10}h-56z"/><g fill="#fff9">${windows}</g></g>`;
  }).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 210" preserveAspectRatio="xMidYMid slice"><path fill="hsl(${(hue + 190) % 360} 45% 82%)" d="M0 0h320v210H0z"/><circle cx="${between(draw, 30, 290)}" cy="44" r="20" fill="#fff7"/>${houses}</svg>`;
}

const SIDE = 16;

/** A 16 × 16 icon: one bitmap of 32 bits a pixel, green with a lighter roof. */
export function favicon(): Buffer {
  const pixels = SIDE * SIDE * 4;
  const mask = SIDE * 4;
  const icon = Buffer.alloc(22 + 40 + pixels + mask);
  icon.writeUInt16LE(1, 2);
  icon.writeUInt16LE(1, 4);
  icon.set([SIDE, SIDE, 0, 0, 1, 0, 32, 0], 6);
  icon.writeUInt32LE(40 + pixels + mask, 14);
  icon.writeUInt32LE(22, 18);
  icon.writeUInt32LE(40, 22);
  icon.writeInt32LE(SIDE, 26);
  // The bitmap counts its mask as height.
  icon.writeInt32LE(SIDE * 2, 30);
  icon.writeUInt16LE(1, 34);
  icon.writeUInt16LE(32, 36);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const roof = y > 8 && Math.abs(x - 7.5) < SIDE - y;
      icon.writeUInt32BE(roof ? 0x248af0ff : 0x5f6e0bff, 62 + (y * SIDE + x) * 4);
    }
  return icon;
}
