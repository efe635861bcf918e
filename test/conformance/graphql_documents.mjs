// Documents for graphql.test.mjs: written by hand, generated from the grammar, and generated ones with a character changed.

const block = '"""';

/** Accepted or refused: the reference decides. */
export const handWritten = [
  // shapes
  '{a}', 'query{a}', 'query Q{a}', '{a b,c}', '{a{b{c{d}}}}', '{x:a y:a}', '{a:b}', '{query mutation subscription fragment on:type}',
  'query query{query}', '{true null false}', '{__typename}', '{_ __a A9}', 'fragment on on T{a}', '{...on}', '{...on T{a}}', '{...{a}}', '{... on on{a}}',
  '{...f}fragment f on T{a}', 'fragment f on T{a}{...f}', '{...@include(if:true){a}}', '{...f@skip(if:false)}fragment f on T{a}',
  'query a{a}query b{b}', 'query a{a}{b}', '{a}{b}', 'query a{a}query a{b}',
  // incomplete
  '', ' ', '#', '{', '}', '{}', '{a', '{a}}', '{{a}}', '{a{}}', '{a()}', 'query(){a}', 'query', 'query Q', 'query Q()', 'fragment', 'fragment f',
  'fragment f on', 'fragment f on T', 'fragment f T{a}', '{a:}', '{:a}', '{a:b:c}', '{a(b)}', '{a(b:)}', '{a(:1)}', '{a(b:1}', '{a b:}', '{@skip(if:true)}',
  '{a@}', '{a@skip()}', 'a', 'quer{a}', '{...}', '{..a}', '{....a}', '{. . .a}', '{...f}', '{... on{a}}', '{...on T}', '[a]', '(a)', '{a}query', '{a} b',
  '{$a}', '{a(b:$)}', '{a(b:$1)}', '{a|b}', '{a&b}', '{a=1}', '{a!}', '{a?}', '{a;b}', '{a.b}', '{a(b:c d:e)}', '{a(b:c,d:e,)}', '{a/b}', '{a-b}', '{-a}',
  // what is ignored
  '\ufeff{a}', '{\ufeffa\ufeff}', '{a,,,,b}', ',{,a,},', '{a#b\n}', '{a#b\r}', '{a#b}', '#\n{a}', '{a#\u00e9\u{1F600}\n}', '{\ta\r\nb\rc\n}', '{a\u00a0b}', '{a\u2028b}',
  '{a\u000bb}', '{a\u000cb}', '{a\u0000}', '{a\u0007}', '{a#\u0007\n}', '{caf\u00e9}', '{\u{1F600}}', '{a(b:"\u0007\u007f")}', '{a(b:"\u0000")}', '{a(b:"\t")}',
  // numbers
  ...['0', '-0', '1', '-1', '00', '01', '-01', '-', '+1', '1.0', '-1.5', '0.0', '1.', '.1', '1.e1', '1e1', '1E1', '1e+1', '1e-1', '1e', '1e+', '1.5e300', '1.2.3', '1..2',
    '1a', '1_', '1.5a', '0x1', '0b1', '1e1e1', '1e1.5', '--1', '9007199254740993', '123456789012345678901234567890', 'Infinity', 'NaN', '1,2', '0.1e-0', '- 1', '1 .5']
    .map((number) => `{a(b:${number})}`),
  // other values
  ...['true', 'false', 'null', 'True', 'NULL', 'nullish', 'DESC', '[]', '[[]]', '[1 2,3]', '[1,[2,[3]]]', '{}', '{c:1}', '{c:{d:[{e:1}]}}', '{c:1 d:2}', '{c:1,c:2}', '{c}', '{c:}', '{:1}',
    '{"c":1}', '[1', '{c:1', '[,]', '{,}', '[1,]', '$v', '[$v]', '{c:$v}', 'on', 'query', '...', '@c', '!', '(1)', '{true:null}', '[null,true,X]']
    .map((value) => `query($v:Any){a(b:${value})}`),
  // strings
  ...[`""`, `"a"`, `"\\"" `, `"\\\\"`, `"\\/\\b\\f\\n\\r\\t"`, `"\\a"`, `"\\u0041"`, `"\\u00e9"`, `"\\U0041"`, `"\\u041"`, `"\\u00G1"`, `"\\uD83D\\uDE00"`, `"\\uD83D"`, `"\\uDE00"`,
    `"\\uD83D\\u0041"`, `"\\uD83Dx"`, `"\\u{41}"`, `"\\u{0}"`, `"\\u{1F600}"`, `"\\u{10FFFF}"`, `"\\u{110000}"`, `"\\u{D800}"`, `"\\u{}"`, `"\\u{41"`, `"\\u{00000041}"`, `"\\u{000000041}"`,
    `"\\u{4G}"`, `"\\uD83D\\u{DE00}"`, `"\\u{D83D}\\uDE00"`, `"`, `"a`, `"a\n"`, `"a\r"`, `"\\`, `"\\"`, `'a'`, `"a""b"`, `"\u00e9\u{1F600}\u2028"`, `"#,{}"`, `"\\u{ 41}"`, `"\\u{-1}"`,
    `"\\u{FFFFFFFF}"`, `"\\u{80000041}"`]
    .map((string) => `{a(b:${string})}`),
  ...['', 'a', ' a ', '\n', '\n\n', 'a\nb', '\n  a\n  b\n', '  a\n  b\n c', '\n\ta\n\t\tb', '\n \t a\n\t b', 'a\\nb', '\\', '"', '""', ' ""\\""" ', '\\"""', '\\\\"""', 'a\r\nb\rc\nd',
    '\n    one\n\n  \n      two\n  three\n\n', '\u00e9\n \u{1F600}', '\u0007', '\n  \u00a0a', 'a\n', '   ', '\n a\n   \n b', '\\u0041', 'x\n\n\n', '\r\n  a\r\n    b\r\n']
    .map((text) => `{a(b:${block}${text}${block})}`),
  `{a(b:${block}`, `{a(b:${block}a""`, `{a(b:${block}a\\${block})}`, `{a(b:${block}a"${block})}`, `{a(b:"""")}`, `{a(b:""""")}`, `{a(b:${block}${block}"")}`,
  // variables and types
  ...['$a:Int', '$a:Int!', '$a:[Int]', '$a:[Int!]!', '$a:[[[Int]]]', '$a :Int, $b: [Int!]', '$a:Int=1', '$a:X={b:[1]}', '$a:Int=$b', '$a:[Any]=[$b]', '$a', '$a:', 'a:Int', '$a:[]', '$a:[Int', '$a:Int]',
    '$a:Int!!', '$a:!Int', '$a:Int=', '$a:Int $a:Int', '$on:Int', '$query:Int', '$a:Int@skip(if:true)', '$a:Int@live', '$:Int', '$ a:Int', '$a:X={c:1 c:2}', '$a:on']
    .map((definitions) => `query(${definitions}){a}`),
  '{a(b:$c)}', 'query($c:Any){a(b:$c)}', 'query($c:Any){a{...f}}fragment f on T{x(y:{z:[$c]})}', 'query A($c:Any){...f}query B{...f}fragment f on T{x(y:$c)}', '{a@skip(if:$c)}',
  'query($c:Boolean!){a@skip(if:$c)}', '{a(b:1,b:1)}', '{a(b:1)@skip(if:true)}',
  // directives and fragments
  '{a@skip(if:true)@include(if:false)}', '{a@skip(if:true)@skip(if:true)}', '{a@skip}', '{a@live}', '{a@skip(if:true,x:1)}', '{a@skip(x:true)}', 'query@skip(if:true){a}', '{a@include(if:"true")}',
  '{a@include(if:1)}', '{a@deprecated}', '{a@include(if:null)}',
  'fragment f on T@skip(if:true){a}{...f}', '{...f}fragment f on T{...g}fragment g on T{...f}', '{...f}fragment f on T{...f}', '{a}fragment f on T{a{...g}}fragment g on T{b{...f}}',
  '{...f...f}fragment f on T{a}', '{...f}fragment f on T{a}fragment f on T{b}', 'fragment f on T{...missing}{a}', 'fragment f on T{a}',
  // no queries
  'mutation{a}', 'mutation M($a:Int){a}', 'subscription{a}', 'type T{a:Int}', 'schema{query:T}', 'scalar S', 'enum E{A}', 'input I{a:Int}', 'union U=A|B', 'interface I{a:Int}',
  'directive@d on FIELD', 'extend type T{a:Int}', '{a}type T{a:Int}', 'query a{a}mutation b{a}',
];

/** mulberry32: the same documents in every run. */
export function generator(seed) {
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(random() * n);
  const pick = (list) => list[below(list.length)];
  const some = (most, make) => Array.from({ length: below(most + 1) }, make);
  return { below, pick, some, chance: (p) => random() < p };
}

/** A document that the grammar and the rules allow. */
export function generate(seed) {
  const { below, pick, some, chance } = generator(seed);
  const gap = () => pick([' ', ' ', '\n', ', ', '\t', ' #c\n', '\r\n', ' ,, ']);
  const name = () => pick(['a', 'b', 'id', 'owner', 'where', 'on', 'query', 'fragment', 'protectedDatas', '_x9', 'first']);
  const variables = ['v', 'w', 'x'].filter(() => chance(0.6));
  const conditions = ['s', 't'].filter(() => chance(0.5));
  const fragments = ['F', 'G', 'H'].filter(() => chance(0.5));

  const number = () => pick(['0', '-1', '42', '1.5', '-0.25', '1e9', '2.5E-3', '123456789012345678901']);
  const string = () => pick(['""', '"a b"', '"\\u00e9\\n"', '"#,{}"', '"\u{1F600}"', `${block}\n  x\n    y\n${block}`, `${block}a\\${block}b${block}`]);
  const unique = (list) => [...new Map(list.map((text) => [text.split(':')[0].trim(), text])).values()];
  const value = (depth, constant) => {
    const kind = below(depth > 3 ? 6 : 8);
    if (kind === 0) return number();
    if (kind === 1) return string();
    if (kind === 2) return pick(['true', 'false', 'null', 'desc', 'DESC']);
    if (kind === 3 && !constant && variables.length) return `$${pick(variables)}`;
    if (kind === 6) return `[${some(3, () => value(depth + 1, constant)).join(gap())}]`;
    if (kind === 7) return `{${unique(some(3, () => `${name()}${pick([':', ' : '])}${value(depth + 1, constant)}`)).join(gap())}}`;
    return number();
  };
  const condition = () => (conditions.length && chance(0.5) ? `$${pick(conditions)}` : pick(['true', 'false']));
  const directives = () => ['skip', 'include'].filter(() => chance(0.1)).map((which) => `@${which}(if:${condition()})`).join(' ');
  const args = () => (chance(0.3) ? `(${unique([`${name()}:${value(0, false)}`, ...some(2, () => `${name()}: ${value(0, false)}`)]).join(gap())})` : '');
  const selection = (depth, allowed) => {
    if (chance(0.1) && allowed.length) return `...${pick(allowed)} ${directives()}`;
    if (chance(0.1)) return `...${pick(['', ' on T', 'on Query'])} ${directives()}${set(depth + 1, allowed)}`;
    const below_ = depth < 4 && chance(0.4) ? set(depth + 1, allowed) : '';
    return `${chance(0.2) ? `${name()}${pick([':', ' : '])}` : ''}${name()}${args()}${directives()}${below_}`;
  };
  const set = (depth, allowed) => `{${gap()}${[selection(depth, allowed), ...some(3, () => selection(depth, allowed))].join(gap())}}`;

  const type = () => pick(['Any', '[Any!]', 'T_filter', '[[Any]]', 'BigNumber']);
  const definitions = [
    ...variables.map((v) => `$${v}${pick([':', ' : '])}${type()}${chance(0.3) ? ` = ${value(0, true)}` : ''}`),
    ...conditions.map((v) => `$${v}:Boolean${pick(['', '!'])}`),
  ];
  const header = definitions.length || chance(0.5) ? `query ${chance(0.5) ? 'Name' : ''}${definitions.length ? `(${definitions.join(gap())})` : ''}` : '';
  const parts = [`${header}${set(0, fragments)}`];
  fragments.forEach((fragment, i) => parts.push(`fragment ${fragment} on T ${set(2, fragments.slice(i + 1))}`));
  return parts.join(gap());
}

/** The document with one character removed, doubled, replaced, or two exchanged. */
export function mutate(text, seed) {
  const { below, pick } = generator(seed);
  const characters = [...text];
  const at = below(characters.length);
  const other = pick([...'{}()[]:!$@.,"\\#|=&-+019eE_az \n\t\'']);
  const kind = below(5);
  if (kind === 0) characters.splice(at, 1);
  if (kind === 1) characters.splice(at, 0, other);
  if (kind === 2) characters[at] = other;
  if (kind === 3) characters.splice(at, 0, characters[at]);
  if (kind === 4) characters.length = at;
  return characters.join('');
}
