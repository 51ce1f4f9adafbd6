/**
 * Parts of the console that are fetched when they are needed.
 *
 * Like React's `lazy` and the router's `lazyRouteComponent`, but a part that could not be fetched can be asked for again:
 * theirs remember the failure for ever, or reload the whole page, which offline ends at the browser's own error page.
 */
import { type ComponentProps, type ComponentType, createElement, type FunctionComponent } from 'react';

/** A part of the console did not arrive. */
export class PartMissing extends Error {
  constructor(cause: unknown) {
    super('Part of the console could not be downloaded.', { cause });
    this.name = 'PartMissing';
  }
}

const failures = new Set<() => void>();

/** Let everything that could not be fetched be asked for again: before a retry, and before each navigation. */
export function forgetMissingParts(): void {
  for (const forget of failures) forget();
  failures.clear();
}

// biome-ignore lint/suspicious/noExplicitAny: any component at all; its props are inferred where it is used
type AnyComponent = ComponentType<any>;

export type LazyPart<C extends AnyComponent> = FunctionComponent<ComponentProps<C>> & {
  preload: () => Promise<void>;
};

/** The component that `load` gives, fetched when it is first drawn or preloaded. Draw it within a Suspense. */
export function lazyPart<C extends AnyComponent>(load: () => Promise<{ default: C }>): LazyPart<C> {
  let part: C | undefined;
  let missing: PartMissing | undefined;
  let loading: Promise<void> | undefined;
  const forget = () => {
    missing = undefined;
  };
  const preload = () => {
    loading ??= load()
      .then(
        (module) => {
          part = module.default;
          missing = undefined;
        },
        (cause: unknown) => {
          missing = new PartMissing(cause);
          failures.add(forget);
        },
      )
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  const Part = (props: ComponentProps<C>) => {
    if (part) return createElement(part, props);
    if (missing) throw missing;
    // a promise that is thrown suspends; `use` may not be left out of the renders after it
    throw preload();
  };
  return Object.assign(Part, { preload });
}

/** A page, by the name under which its module exports it. */
export const lazyPage = <N extends string, C extends AnyComponent>(
  load: () => Promise<Record<N, C>>,
  name: N,
): LazyPart<C> => lazyPart(() => load().then((module) => ({ default: module[name] })));
