/**
 * Where kafkajs, which pushes, meets a loop, which pulls: one value at a time, and `give` resolves only when the loop has
 * come back for the next, so that nothing is fetched ahead of it.
 */
export interface Handover<T> {
  /** Resolves true when the loop is done with the value, false when it has left instead. */
  give(value: T): Promise<boolean>;
  /** The next value; undefined after `end`. @throws what `fail` was told */
  take(): Promise<T | undefined>;
  /** The loop gets nothing more. What it has in hand it may finish: the giver waits on. */
  end(): void;
  fail(error: Error): void;
  /** The loop has left: lets the giver go. */
  leave(): void;
}

export function createHandover<T>(): Handover<T> {
  let loop: { resolve(value: T | undefined): void; reject(error: Error): void } | undefined; // waits for a value
  let giver: ((loopIsThere: boolean) => void) | undefined; // waits for the loop to come (back)
  let ended = false;
  let left = false;
  let failure: Error | undefined;

  const loopComes = (): Promise<boolean> =>
    new Promise((resolve) => {
      if (left || loop !== undefined) resolve(!left);
      else giver = resolve;
    });

  return {
    async give(value) {
      if (!(await loopComes())) return false;
      loop?.resolve(value);
      loop = undefined;
      return loopComes();
    },
    take() {
      if (failure !== undefined) return Promise.reject(failure);
      if (ended) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => {
        loop = { resolve, reject };
        giver?.(true);
        giver = undefined;
      });
    },
    end() {
      ended = true;
      loop?.resolve(undefined);
      loop = undefined;
    },
    fail(error) {
      failure ??= error;
      loop?.reject(error);
      loop = undefined;
    },
    leave() {
      left = true;
      giver?.(false);
      giver = undefined;
    },
  };
}
