import { describe, expect, it } from "@jest/globals";

/** Sentence of a script → why this server answers otherwise. */
export type Deviations = Record<string, string>;

/**
 * Each script as a test. One that a server is known to deviate from must fail there: a list of deviations that nobody keeps
 * would hide the next one.
 */
export function scriptRunner<Session>(
  deviations: Deviations,
  inSession: (script: (session: Session) => Promise<void>) => Promise<void>,
) {
  const left = new Set(Object.keys(deviations));
  return {
    run(part: string, scripts: Record<string, (session: Session) => Promise<void>>): void {
      describe(part, () => {
        for (const [sentence, script] of Object.entries(scripts)) {
          left.delete(sentence);
          const reason = deviations[sentence];
          if (reason === undefined) it(sentence, () => inSession(script));
          else it(`deviates, ${reason}: ${sentence}`, () => expect(inSession(script)).rejects.toThrow());
        }
      });
    },
    /** After the last part. */
    end(): void {
      if (left.size > 0) throw new Error(`no such scripts, and so no deviations: ${[...left].join("; ")}`);
    },
  };
}
