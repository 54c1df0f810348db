/**
 * What `work` comes to, or what `late` gives (or throws) when `ms` have passed first. Nothing is cancelled: late work goes
 * on, and a failure that it ends with has nobody left to hear it.
 */
export async function within<T, Late>(ms: number, work: Promise<T>, late: () => Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<Late>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, ms);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, timeIsOver]);
  } finally {
    clearTimeout(timer);
  }
}
