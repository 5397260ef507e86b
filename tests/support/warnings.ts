/** Resolves with the next warning of this process that says so; others may come before it. */
export function warningOf(what: string): Promise<Error> {
  return new Promise((resolve) => {
    const hear = (warning: Error) => {
      if (!warning.message.includes(what)) return;
      process.off('warning', hear);
      resolve(warning);
    };
    process.on('warning', hear);
  });
}
