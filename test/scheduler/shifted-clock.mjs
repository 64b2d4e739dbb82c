// Preloaded into a scheduler and all its processes (NODE_OPTIONS): their clocks show SHIFT_MS more than the machine's.
const RealDate = Date;
const shift = Number(process.env.SHIFT_MS ?? 0);

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }
  static now() {
    return RealDate.now() + shift;
  }
};
