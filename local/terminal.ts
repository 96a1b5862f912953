import { SingleBar } from "cli-progress";

/** A step of the command, for people. */
export function step(text: string): void {
  console.log(`» ${text}`);
}

/** Progress of counted work: a bar on a terminal, a line at each fifth elsewhere. */
export function counted(what: string): { report(done: number, total: number): void; end(): void } {
  if (process.stdout.isTTY) {
    let bar: SingleBar | undefined;
    return {
      report(done, total) {
        if (!bar) {
          bar = new SingleBar({ format: `» ${what} [{bar}] {value}/{total}`, hideCursor: true, barsize: 30 });
          bar.start(total, done);
        } else bar.update(done);
      },
      end: () => bar?.stop(),
    };
  }
  let shown = -1;
  return {
    report(done, total) {
      const fifth = Math.floor((5 * done) / total);
      if (fifth === shown) return;
      shown = fifth;
      step(`${what} ${done}/${total}`);
    },
    end: () => {},
  };
}
