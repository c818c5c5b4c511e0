export interface Article {
  title: string;
  lead: string;
}

const article = (title: string, lead: string): Article => ({ title, lead });

/** Posts of the journal, newest first. */
export const POSTS: readonly Article[] = [
  article(
    'Nine days on the coast path',
    'We walked from the estuary to the lighthouse and met more seals than people.',
  ),
  article('Why we went back to wax', 'Membranes are clever. Wax can be mended at a kitchen table.'),
  article(
    'A field guide to bad weather',
    'Drizzle, mizzle, smirr: what each does to you and what to wear against it.',
  ),
  article('The workshop, one year on', 'Eleven people, four machines, and 3,200 repaired zips.'),
  article('How to read a contour', 'Brown lines tell a story if you read them slowly.'),
  article('Sleeping under a tarp', 'It is colder than a tent and better than a cinema.'),
  article('Small fires, and when not to light one', 'Most of the time the answer is a stove.'),
  article('Meet the maker: Ines, bootmaker', 'She has lasted boots for thirty years and owns two pairs.'),
  article('What is in our repair van', 'A sewing machine, a kettle, and eight hundred buckles.'),
  article('Winter daylight, used well', 'Start in the dark. The first hour is free.'),
  article('The case for slow miles', 'Two kilometres an hour is a perfectly good speed.'),
  article('Packing for three days', 'A list that we have argued about for six years.'),
  article('Walking with small children', 'Snacks are navigation. Everything else is detail.'),
  article('Notes from the trig points', 'Forty-one pillars, one notebook, no hurry.'),
  article('How we test a shell', 'A shower head, a treadmill and somebody called Tom.'),
  article('Rivers and how to cross them', 'Mostly by walking to the bridge.'),
  article('The wool year', 'From the fell in April to your shoulders in October.'),
  article('Mending as a habit', 'Five minutes on a Sunday evening.'),
  article('Fog, and what to do in it', 'Stand still. Eat something. Then look at the compass.'),
  article('A loaf for the hill', 'Rye, seeds, and enough salt to be glad of.'),
  article('Twelve stiles, ranked', 'We have opinions about stiles.'),
];

/** Guides of the help centre, in reading order. */
export const GUIDES: readonly Article[] = [
  article('Choosing a pack', 'Measure your back before you measure your belongings.'),
  article('Fitting boots', 'In the afternoon, with the socks that you will wear.'),
  article('Caring for leather', 'Clean, dry slowly, feed lightly. In that order.'),
  article('Washing down', 'Three tennis balls and a lot of time.'),
  article('Reproofing a shell', 'When water stops beading, it is time.'),
  article('Pitching in wind', 'Tail to the weather, pegs before poles.'),
  article('Layering explained', 'Three thin things beat one thick thing.'),
  article('Using a compass', 'Red in the shed, and other rhymes that work.'),
  article('Filtering water', 'What a filter stops and what it does not.'),
  article('Stove safety', 'Outside, level, and never in the porch.'),
  article('Size tables', 'Centimetres, inches, and what our models wear.'),
  article('Returns and exchanges', 'Sixty days, worn once, no questions that matter.'),
  article('Repairs: how it works', 'Send it dirty. We would rather wash it ourselves.'),
  article('Airing a tent', 'Over a line, inside out, for one dry afternoon.'),
  article('Darning socks', 'A light bulb, a needle and half an hour of radio.'),
  article('Sharpening a knife', 'Twenty degrees, and count your strokes.'),
  article('Reading our labels', 'What the numbers on the hem are for.'),
  article('Gift cards', 'For people who say that they need nothing.'),
];

/** Sentences that fill the body of a page. Which ones, the path decides. */
export const SENTENCES: readonly string[] = [
  'The first mile is for finding out what you forgot.',
  'Good gear is quiet: you notice it when you take it off.',
  'We weigh everything twice and print the heavier number.',
  'If a zip fails in the first ten years, that is our zip and our problem.',
  'The cloth is woven forty kilometres from the workshop, and the sheep are closer still.',
  'There is no such thing as a waterproof pocket, only a pocket that has not been tested yet.',
  'A map does not run out of battery.',
  'Most blisters are a conversation that you did not have with your socks.',
  'Leave the gate as you found it, and the campsite better than you found it.',
  'Every seam carries the initials of whoever sewed it.',
  'We have tried to make it lighter, and then we tried it in November.',
  'Spare laces weigh nine grams and have saved more days out than any gadget.',
  'The forecast is a rumour with numbers.',
  'It packs small, but we suggest that you hang it up: cloth likes to rest.',
  'A second pair of gloves is not a luxury, it is the first pair when the first pair is wet.',
  'You can do this with cold hands. We checked.',
  'Instructions are printed inside the lid, since that is where you will be looking.',
  'Let it dry away from the stove, however tempting the stove may be.',
  'Our favourite colour is the one that hides mud.',
  'If in doubt, sit down, drink something, and look at the map again.',
  'The path is usually where the sheep are, except when it is not.',
  'Nothing on this page was tested on anybody who did not volunteer.',
];
