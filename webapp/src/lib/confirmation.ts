/**
 * What an action asks for before it is done, by what it loses.
 *
 * `nothing`: it can be taken back, so it is done at once. `interruption`: work or income stops until it is taken back,
 * so it is confirmed. `permanent`: something of value is gone, so its name is typed.
 */
export type Loss = 'nothing' | 'interruption' | 'permanent';
export type Confirmation = 'none' | 'confirm' | 'type-name';

const CONFIRMATIONS: Record<Loss, Confirmation> = {
  nothing: 'none',
  interruption: 'confirm',
  permanent: 'type-name',
};

export const confirmationFor = (loss: Loss): Confirmation => CONFIRMATIONS[loss];

/** The name to type before the action, where it loses something permanently. */
export const typedName = (loss: Loss, name: string): string | undefined =>
  confirmationFor(loss) === 'type-name' ? name : undefined;
