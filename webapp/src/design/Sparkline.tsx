interface SparkbarsProps {
  values: readonly number[];
  /** What the bars show, in words, for those who do not see them. */
  label: string;
  className?: string;
}

const WIDTH = 100;
const HEIGHT = 24;
const GAP = 1;

/** One bar per value, starting at zero; a value of nothing keeps a hairline so that its place is seen. */
export function Sparkbars({ values, label, className }: SparkbarsProps) {
  const top = Math.max(...values, 0);
  const pitch = WIDTH / Math.max(1, values.length);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={className}
    >
      {values.map((value, index) => {
        const height = top > 0 ? Math.max(0.75, (Math.max(0, value) / top) * HEIGHT) : 0.75;
        return (
          <rect
            key={index}
            x={index * pitch}
            y={HEIGHT - height}
            width={Math.max(0.5, pitch - GAP)}
            height={height}
            className={value > 0 ? 'fill-meter' : 'fill-line'}
          />
        );
      })}
    </svg>
  );
}

interface SparklineProps {
  /** Null is a gap. */
  values: readonly (number | null)[];
  top: number;
  label: string;
  className?: string;
}

/** A line over the values, from zero to `top`; gaps stay gaps. */
export function Sparkline({ values, top, label, className }: SparklineProps) {
  const pitch = WIDTH / Math.max(1, values.length - 1);
  const y = (value: number) => HEIGHT - 1 - (top > 0 ? Math.min(1, value / top) : 0) * (HEIGHT - 2);
  const path = values
    .map((value, index) => {
      if (value === null) return '';
      const before = values[index - 1];
      return `${before == null ? 'M' : 'L'}${(index * pitch).toFixed(2)} ${y(value).toFixed(2)}`;
    })
    .join('');
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={className}
    >
      <path d={path} fill="none" className="stroke-meter" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
