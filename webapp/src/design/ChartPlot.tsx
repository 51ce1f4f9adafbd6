import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { appearance } from '@/lib/appearance';
import type { TimeWindow } from '@/lib/range';
import { formatDate, formatMinute } from '@/lib/time';
import { type PlotData, roundTop, spread, type Threshold } from './chart';

const DAY_S = 86_400;
const FONT_PX = 11;
const HEIGHT_PX = 168;
const AXIS_PX = 52;
const LABELS_PX = 88;

export interface ChartPlotProps {
  data: PlotData;
  labels: readonly string[];
  window: TimeWindow;
  /** Where the axis ends; without it, above the highest value. */
  top?: number | undefined;
  thresholds: readonly Threshold[];
  /** A value with its unit left out, for the axis. */
  tick: (value: number) => string;
  /** Charts with the same key show their cursors together. */
  syncKey?: string | undefined;
  onCursor: (index: number | null) => void;
  onSelect?: ((window: TimeWindow) => void) | undefined;
}

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const color = (index: number) => () => token(`--chart-${index + 1}`);
const font = (weight = 400) => `${weight} ${FONT_PX}px ${token('--font-sans') || 'sans-serif'}`;

/** Dates where the axis reaches over days, the time of day elsewhere. */
function timeTick(seconds: number, spacing: number, span: number): string {
  if (spacing >= DAY_S) return formatDate(seconds * 1_000);
  const time = formatMinute(seconds * 1_000);
  return span > DAY_S && time === '00:00' ? formatDate(seconds * 1_000) : time;
}

/** A dashed line with its name, for a limit. */
function drawThreshold(plot: uPlot, { value, label }: Threshold): void {
  const { ctx, bbox } = plot;
  if (value > (plot.scales.y?.max ?? 0)) return;
  const y = Math.round(plot.valToPos(value, 'y', true));
  ctx.strokeStyle = token('--ink-3');
  ctx.setLineDash([4 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  ctx.lineWidth = uPlot.pxRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = token('--ink-3');
  ctx.textAlign = 'left';
  ctx.textBaseline = y - bbox.top < 16 * uPlot.pxRatio ? 'top' : 'bottom';
  ctx.fillText(label, bbox.left + 4 * uPlot.pxRatio, y);
}

/** The name of each series beside its last point, so that no legend has to be matched by colour. */
function drawLabels(plot: uPlot, labels: readonly string[]): void {
  const { ctx, bbox, data } = plot;
  const columns = data as PlotData;
  const lasts = labels.map((_, index) => columns[index + 1]?.findLast((value) => value != null));
  const shown = labels.flatMap((label, index) => {
    const last = lasts[index];
    return last == null ? [] : [{ label, index, y: plot.valToPos(last, 'y', true) }];
  });
  const places = spread(
    shown.map(({ y }) => y),
    (FONT_PX + 3) * uPlot.pxRatio,
    bbox.top + 4 * uPlot.pxRatio,
    bbox.top + bbox.height - 4 * uPlot.pxRatio,
  );
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  shown.forEach(({ label, index }, nth) => {
    ctx.fillStyle = color(index)();
    ctx.fillText(label, bbox.left + bbox.width + 6 * uPlot.pxRatio, places[nth] ?? 0);
  });
}

interface Current {
  current: ChartPlotProps;
}

function axes(props: Current): uPlot.Axis[] {
  const common = {
    stroke: () => token('--ink-3'),
    grid: { stroke: () => token('--line'), width: 1 },
    ticks: { show: false },
    font: font(),
  };
  return [
    {
      ...common,
      grid: { show: false },
      space: 64,
      size: 24,
      gap: 6,
      values: (plot, splits, _axis, _space, spacing) => {
        const span = (plot.scales.x?.max ?? 0) - (plot.scales.x?.min ?? 0);
        return splits.map((seconds) => timeTick(seconds, spacing, span));
      },
    },
    {
      ...common,
      space: 32,
      size: AXIS_PX,
      gap: 6,
      values: (_plot, splits) => splits.map((value) => props.current.tick(value)),
    },
  ];
}

function options(props: Current, width: number): uPlot.Options {
  const { labels, syncKey } = props.current;
  const named = labels.length > 1;
  return {
    width,
    height: HEIGHT_PX,
    padding: [10, named ? LABELS_PX : 8, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), appearance.get().timezone),
    cursor: {
      y: false,
      drag: { x: props.current.onSelect !== undefined, y: false, setScale: false },
      ...(syncKey ? { sync: { key: syncKey, scales: ['x', null] } } : {}),
    },
    scales: {
      x: {
        range: () => {
          const { fromMs, toMs } = props.current.window;
          return [fromMs / 1_000, toMs / 1_000];
        },
      },
      y: { range: (_plot, _low, high) => [0, props.current.top ?? roundTop(high * 1.05)] },
    },
    axes: axes(props),
    series: [{}, ...labels.map((label, index) => ({ label, stroke: color(index), width: 1.5 }))],
    hooks: {
      draw: [
        (plot) => {
          plot.ctx.save();
          plot.ctx.font = font(500).replace(`${FONT_PX}px`, `${FONT_PX * uPlot.pxRatio}px`);
          for (const threshold of props.current.thresholds) drawThreshold(plot, threshold);
          if (named) drawLabels(plot, labels);
          plot.ctx.restore();
        },
      ],
      setCursor: [(plot) => props.current.onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: chosen } = plot.select;
          if (chosen < 4) return;
          const at = (x: number) => Math.round(plot.posToVal(x, 'x')) * 1_000;
          props.current.onSelect?.({ fromMs: at(left), toMs: at(left + chosen) });
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** The canvas of a chart. Import it lazily: uPlot is not part of first load. */
export default function ChartPlot(props: ChartPlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const current = useRef(props);
  current.current = props;
  const plot = useRef<uPlot | null>(null);
  const { data, window: shown, labels, syncKey, top } = props;
  const shape = `${labels.join('\n')} ${syncKey ?? ''}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only when the series are others; the rest is read when drawn
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(options(current, element.clientWidth), current.current.data, element);
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    sizes.observe(element);
    // The colours are those of the theme, and a canvas does not follow a style sheet.
    const themes = new MutationObserver(() => made.redraw(false, true));
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the ranges of the scales are read from the window and the top
  useEffect(() => plot.current?.setData(data), [data, shown.fromMs, shown.toMs, top]);

  return <div ref={place} aria-hidden className="chart" style={{ height: HEIGHT_PX }} />;
}
