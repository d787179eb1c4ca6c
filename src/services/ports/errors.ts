/**
 * A failure the user can act on. The message names the file or setting, what was wrong and the
 * remedy; it is shown as it is.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/**
 * What `work` finds, or the message of the UserError that it fails with; other failures stay
 * failures.
 */
export async function orMessage<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/**
 * Runs `step` of a pure room, which throws plain errors whose messages are meant for the user.
 * @throws UserError
 */
export function asUserErrors<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw error instanceof UserError ? error : new UserError((error as Error).message, { cause: error });
  }
}
