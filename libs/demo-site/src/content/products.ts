export interface Product {
  name: string;
  price: number;
  line: string;
}

export interface Category {
  name: string;
  slug: string;
  blurb: string;
  products: readonly Product[];
}

const product = (name: string, price: number, line: string): Product => ({ name, price, line });

/** What Larkfield sells. */
export const CATEGORIES: readonly Category[] = [
  {
    name: 'Packs & Bags',
    slug: 'packs',
    blurb: 'Carry less, and carry it well.',
    products: [
      product('Wren Day Pack 18', 89, 'A light pack for one day, one jumper and a good lunch.'),
      product('Curlew Trek 42', 219, 'Three days on the hill without a second thought.'),
      product('Harbour Roll Bag', 124, 'Waxed canvas that shrugs off rain and ferry decks.'),
      product('Sparrow Hip Pouch', 39, 'Keys, map and a bar of chocolate within reach.'),
      product('Heron Dry Sack Set', 46, 'Three sizes, welded seams, no wet socks.'),
    ],
  },
  {
    name: 'Jackets',
    slug: 'jackets',
    blurb: 'Weather is only weather.',
    products: [
      product('Fell Shell Jacket', 289, 'Three-layer shell with a hood that turns with you.'),
      product('Moorland Down Vest', 169, 'Traceable down, for the cold first hour.'),
      product('Tide Rain Smock', 149, 'Over the head and out of the door.'),
      product('Larch Wind Anorak', 118, 'Folds into its own pocket, weighs as much as an apple.'),
      product('Ember Fleece Half-Zip', 84, 'Made of forty-one bottles and a lot of patience.'),
    ],
  },
  {
    name: 'Boots',
    slug: 'boots',
    blurb: 'Resoled as often as you like.',
    products: [
      product('Ridgeway Leather Boot', 259, 'Full-grain leather, stitched, resoleable.'),
      product('Chalk Trail Shoe', 139, 'Quick feet on dry paths.'),
      product('Marsh Wellington', 98, 'Natural rubber with a warm lining.'),
      product('Cairn Approach Shoe', 154, 'Sticks to rock, walks to the pub.'),
      product('Hearth Wool Slipper', 62, 'For the evening after.'),
    ],
  },
  {
    name: 'Tents & Shelter',
    slug: 'shelter',
    blurb: 'A room with every view.',
    products: [
      product('Lapwing Solo Tent', 349, 'One pole, one person, 980 grams.'),
      product('Plover Family Tent', 629, 'Room to stand and a porch for muddy boots.'),
      product('Skylark Tarp 3×3', 119, 'Nineteen ways to pitch it, four of them sensible.'),
      product('Bracken Bivvy Bag', 159, 'Sleep where you stop.'),
      product('Windfall Peg Set', 24, 'Seven grams each, straight after years of stones.'),
    ],
  },
  {
    name: 'Camp Kitchen',
    slug: 'kitchen',
    blurb: 'Coffee first.',
    products: [
      product('Kestrel Gas Stove', 58, 'Boils half a litre in two and a half minutes.'),
      product('Tarn Titanium Pot', 67, 'A lid that strains, a handle that stays cool.'),
      product('Peat Enamel Mug', 18, 'Chips with dignity.'),
      product('Orchard Folding Knife', 44, 'Apple wood and carbon steel, oil it now and then.'),
      product('Beck Water Filter', 52, 'From stream to cup in one squeeze.'),
    ],
  },
  {
    name: 'Maps & Navigation',
    slug: 'navigation',
    blurb: 'Know where you are. Get lost on purpose.',
    products: [
      product('Pocket Compass No. 4', 36, 'Liquid filled, adjustable declination, a proper lanyard.'),
      product('Coast Path Map Set', 54, 'Nine sheets from the estuary to the lighthouse.'),
      product('Waymark Map Case', 29, 'Clear on both sides, even when it pours.'),
      product('Night Walk Headlamp', 49, 'Red light for stars, white light for stiles.'),
      product('Trig Point Notebook', 14, 'Stone paper, pencil loop, room for weather.'),
    ],
  },
  {
    name: 'Base Layers',
    slug: 'base-layers',
    blurb: 'The part that nobody sees.',
    products: [
      product('Shetland Merino Crew', 79, 'Warm when wet and never itchy.'),
      product('Dawn Long Johns', 64, 'Flat seams, high waist, no regrets.'),
      product('Drover Hiking Socks', 22, 'Two pairs, guaranteed for life.'),
      product('Silk Liner Gloves', 27, 'Thin enough for a zip, warm enough for a summit.'),
      product('Burrow Beanie', 31, 'Double knit, fits under a hood.'),
    ],
  },
  {
    name: 'Repair & Care',
    slug: 'repair',
    blurb: 'The greenest jacket is the one you own.',
    products: [
      product('Leather Balm 100 ml', 16, 'Beeswax and lanolin, nothing else.'),
      product('Reproof Wash-In', 15, 'Makes old shells bead like new ones.'),
      product('Patch & Thread Kit', 19, 'Twelve patches, two needles, one good thread.'),
      product('Boot Lace Trio', 9, 'Three colours, 150 cm, waxed.'),
      product('Tent Pole Splint', 8, 'The thing you will be glad of once.'),
    ],
  },
];
