import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Whether a program that a test needs is there. Where it is not, the test is listed as not run; with `CI` set,
 * where it must be there, this throws one sentence instead.
 */
export function hasTool(command: string): boolean {
  const found = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found && process.env['CI'] !== undefined) {
    throw new Error(
      `These tests need ${command}, which is not installed; \`npm run setup\` installs it where it can.`,
    );
  }
  return found;
}
