/** Scores over time with the thresholds, one colour per rule; pointing at a moment lists what the model saw then. */
import { useRef, useState } from 'preact/hooks';
import type { WhyAnswer, WhyCandidate } from '../../../src/messages/why.ts';
import { timeText } from '../core/format.ts';
import { type Band, chartOf, HEIGHT, type Picture, pictureAt, WIDTH, yOf } from '../core/why-chart.ts';

const RULE_TEXT = new Map([
  ['hit', 'counted: a person in the event'],
  ['unconfirmed', 'not enough hits yet'],
  ['startScore', 'enough hits, too unsure'],
  ['minScore', 'score too low'],
  ['label', 'something else'],
  ['zone', 'in no zone'],
  ['settle', 'picture was settling'],
  ['ignore', 'in an ignored part'],
  ['area', 'of another size'],
  ['aspect', 'of another shape'],
  ['repeat', 'picture repeated'],
]);
const SCORES = [0, 0.25, 0.5, 0.75, 1];
const SHOWN = 8;

export function WhyChartView({ answer, isNow }: { readonly answer: WhyAnswer; readonly isNow: boolean }) {
  const chart = chartOf(answer);
  const { minScore, startScore } = answer.rules;
  const plot = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState<number | undefined>(undefined);
  const pointed = share === undefined ? undefined : pictureAt(chart.pictures, share);
  const onPointer = ({ clientX }: PointerEvent): void => {
    const { left, width } = plot.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    setShare((clientX - left) / width);
  };
  return (
    <section class="why-chart" aria-label="Scores over time">
      <div class="why-plot-row">
        <div class="why-axis" aria-hidden="true">
          {SCORES.map((score) => (
            <span key={score} style={{ top: `${(1 - score) * 100}%` }}>
              {score.toFixed(2)}
            </span>
          ))}
        </div>
        <div class="why-plot" ref={plot} data-testid="why-chart" onPointerMove={onPointer} onPointerDown={onPointer}>
          {chart.bands.map((band) => (
            <BandView band={band} key={`${band.kind}${band.fromShare}`} />
          ))}
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={answer.summary}>
            {SCORES.slice(1, -1).map((score) => (
              <path class="grid" key={score} d={`M0 ${yOf(score)}H${WIDTH}`} />
            ))}
            <path class="limit" data-limit="minScore" d={`M0 ${yOf(minScore)}H${WIDTH}`} />
            <path class="limit" data-limit="startScore" d={`M0 ${yOf(startScore)}H${WIDTH}`} />
            {chart.lines.map(({ track, path }) => (
              <path class="followed" key={track} d={path} />
            ))}
            {chart.dots.toReversed().map(({ rule, path }) => (
              <path class="dots" data-rule={rule} key={rule} d={path} />
            ))}
          </svg>
          <Limit name="startScore" score={startScore} isAbove />
          <Limit name="minScore" score={minScore} isAbove={false} />
          {!isNow && <span class="why-at" style={{ left: `${shareOfMoment(answer) * 100}%` }} />}
          {pointed && <span class="why-cursor" style={{ left: `${pointed.share * 100}%` }} />}
        </div>
      </div>
      <TimeAxis answer={answer} />
      <Legend answer={answer} />
      <Pointed picture={pointed} />
    </section>
  );
}

function BandView({ band: { kind, fromShare, toShare, text } }: { readonly band: Band }) {
  const width = toShare - fromShare;
  return (
    <span class="why-band" data-kind={kind} title={text} style={{ left: `${fromShare * 100}%`, width: `${width * 100}%` }}>
      {width > 0.12 && <span>{text}</span>}
    </span>
  );
}

function Limit({ name, score, isAbove }: { readonly name: string; readonly score: number; readonly isAbove: boolean }) {
  return (
    <span class="why-limit" data-above={isAbove} style={{ top: `${(1 - score) * 100}%` }}>
      {name} {score}
    </span>
  );
}

function TimeAxis({ answer }: { readonly answer: WhyAnswer }) {
  const [fromMs, toMs] = [Date.parse(answer.from), Date.parse(answer.to)];
  return (
    <div class="why-times" aria-hidden="true">
      {[0, 0.5, 1].map((share) => (
        <span key={share}>{timeText(fromMs + share * (toMs - fromMs))}</span>
      ))}
    </div>
  );
}

function Legend({ answer }: { readonly answer: WhyAnswer }) {
  const { dots } = chartOf(answer);
  if (dots.length === 0) return null;
  return (
    <ul class="why-legend" data-testid="why-legend">
      {dots.map(({ rule, count }) => (
        <li key={rule} data-rule={rule}>
          <b>{rule}</b> {RULE_TEXT.get(rule) ?? 'held by this rule'} <span>{count}</span>
        </li>
      ))}
    </ul>
  );
}

function Pointed({ picture }: { readonly picture: Picture | undefined }) {
  if (!picture) return <p class="quiet why-pointed">Point at the chart to see what the model saw at that moment.</p>;
  const { atMs, candidates, more } = picture;
  const left = Math.max(0, candidates.length - SHOWN);
  return (
    <div class="why-pointed" data-testid="why-pointed">
      <h3>{timeText(atMs)}</h3>
      <ul>
        {candidates.slice(0, SHOWN).map((candidate) => (
          <CandidateRow candidate={candidate} key={`${candidate.score}${candidate.box.x}${candidate.box.y}`} />
        ))}
        {left > 0 && <li>and {left} more</li>}
        {more > 0 && <li>and {more} weak, where they were noted just before</li>}
      </ul>
    </div>
  );
}

function CandidateRow({ candidate: { label, track, score, rule } }: { readonly candidate: WhyCandidate }) {
  return (
    <li data-rule={rule}>
      <b>{score.toFixed(2)}</b> {label}
      {track !== undefined && ` #${track}`} <span>{rule}</span>
    </li>
  );
}

function shareOfMoment({ at, from, to }: WhyAnswer): number {
  const [atMs, fromMs, toMs] = [at, from, to].map((time) => Date.parse(time)) as [number, number, number];
  return (atMs - fromMs) / Math.max(1, toMs - fromMs);
}
