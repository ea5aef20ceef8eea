/** What `report.html` is given: finished texts, escaped where they are printed; SVG, style and script are HTML already. */
export interface ReportView {
  readonly title: string;
  /** What the page may load: nothing but its own style, and its own script by its hash. */
  readonly policy: string;
  readonly css: string;
  readonly script: string;
  readonly eyebrow: string;
  readonly heading: string;
  readonly subtitle: string;
  readonly facts: readonly FactView[];
  readonly isOverview: boolean;
  readonly overview: TableView;
  readonly overviewCharts: readonly ChartView[];
  readonly sections: readonly SectionView[];
  readonly hasKernels: boolean;
  readonly kernelCount: number;
  readonly kernels: readonly KernelView[];
  /** Texts of kernels are packed, and need the page's script. */
  readonly isPacked: boolean;
  readonly packs: readonly PackView[];
  readonly footer: string;
}

export interface FactView {
  readonly label: string;
  readonly value: string;
}
/** One network on one board. */
export interface SectionView {
  readonly id: string;
  /** One of several: it has a heading of its own, and can be folded. */
  readonly isOne: boolean;
  readonly isOpen: boolean;
  readonly title: string;
  readonly subtitle: string;
  readonly kind: string;
  /** Class of the kind's mark. */
  readonly kindClass: string;
  readonly kindText: string;
  readonly tiles: readonly TileView[];
  readonly facts: readonly FactView[];
  readonly hasProblems: boolean;
  readonly problems: readonly { readonly text: string }[];
  readonly charts: readonly ChartView[];
  /** What the rows of its table are. */
  readonly rowsTitle: string;
  readonly hasLayers: boolean;
  readonly layers: TableView;
}
/** A figure that is to be seen at once. */
export interface TileView extends FactView {
  readonly unit: string;
  readonly note: string;
}
export interface ChartView {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly isWide: boolean;
  /** Inline SVG. */
  readonly svg: string;
  readonly csv: string;
  readonly json: string;
  readonly file: string;
}
export interface TableView {
  readonly id: string;
  readonly label: string;
  readonly count: number;
  /** It has more rows than are worth drawing before somebody asks for them. */
  readonly isLong: boolean;
  readonly columns: readonly ColumnView[];
  readonly rows: readonly { readonly cells: readonly CellView[] }[];
  readonly csv: string;
  readonly json: string;
  readonly file: string;
}
export interface ColumnView {
  readonly title: string;
  /** What the column means, for who points at it. */
  readonly about: string;
  readonly className: string;
}
export interface CellView {
  readonly className: string;
  readonly text: string;
  readonly isLink: boolean;
  /** Name of an entry of the page. */
  readonly to: string;
  readonly isBar: boolean;
  /** Percent. */
  readonly bar: string;
}
export interface KernelView {
  readonly name: string;
  readonly layers: string;
  /** All of it is in the page; else most of it is packed. */
  readonly isPlain: boolean;
  readonly about: string;
  readonly facts: readonly FactView[];
  /** Where its texts are: number of the pack, and in it. */
  readonly pack: number;
  readonly index: number;
  readonly texts: readonly { readonly title: string; readonly text: string }[];
}
interface PackView {
  readonly number: number;
  /** Base64 of what deflate makes of JSON. */
  readonly data: string;
}
