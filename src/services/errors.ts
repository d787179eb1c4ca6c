/** A failure the user can act on. The message names the file or setting, what was wrong and the remedy; it is shown as it is. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
