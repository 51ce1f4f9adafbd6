/**
 * How hard an act is made, by what it loses.
 *
 * `nothing`: one press takes it back, so it is done at once. `interruption`: work or income stops until somebody takes
 * it back, so it is confirmed. `for-good`: something of value is gone for ever, so its name is typed.
 */
export type Loss = 'nothing' | 'interruption' | 'for-good';
export type Weight = 'at-once' | 'confirm' | 'type-name';

const WEIGHTS: Record<Loss, Weight> = {
  nothing: 'at-once',
  interruption: 'confirm',
  'for-good': 'type-name',
};

export const weightOf = (loss: Loss): Weight => WEIGHTS[loss];

/** What has to be typed before the act on something of this name; nothing for acts that are only confirmed. */
export const typedName = (loss: Loss, name: string): string | undefined =>
  weightOf(loss) === 'type-name' ? name : undefined;
