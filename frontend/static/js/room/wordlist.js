/**
 * The words people read to each other: 1,024 plain ones of four to seven letters. No two share their first four
 * letters or sound alike, and none is about bodies, violence or shame. Their order is part of the protocol
 * (security notes, "Safety words"): a list that changes makes a new version of it.
 */
export const WORDS = Object.freeze(
  `
  abacus abbey acorn action actor adapt address adjust admiral advice afloat agenda ahead airline airport album
  alley almanac almond alpaca alpine amber anchor angle animal annual anorak antenna anthem antique anvil apply
  apricot apron arcade archive arctic arena armband arrange article ashore aspen athlete atlas attend attic
  august aurora author autumn average avocado awning badge bagel bagpipe bakery balcony balloon bamboo bandana
  banjo banquet bargain barley barn barrel basil basket bassoon battery bazaar beacon beaker bean beehive beetle
  bell bench berry bicycle bistro blanket blazer blend blink blossom blouse bobbin bobcat bonfire bonnet bonsai
  bonus bookend boot border botanic boulder bouquet bowl bowtie bracket braid branch brave breeze bricks brisk
  bronze brook broth browse brush bubble bucket budget buffalo buggy bugle bulldog bundle bunting burger burlap
  button cabbage cabin cactus cafe campus canary candle canopy canteen canvas canyon capital captain carafe
  carbon cargo carol carpet carrot cartoon cascade cashew castle catalog cavern cedar ceiling celery central
  ceramic chair chalk chamber chapter chariot cheese chimp chisel chorus chowder chrome chutney cinder cinema
  circle citrus city civil clarity clay clerk climate clip cloak cloth cloudy clover cluster coach coaster
  cobble cobweb coconut column combine comet comic comma compost concept connect convoy cookie cooler copper
  copy cork corner cosmos courage cowbell coyote craft crane crater create credit creek cricket crimson crisp
  crocus crop croquet crowd crumb crust crystal cube cubicle cupcake curry cursor cushion custom cutlery cycle
  daisy dance daring dash data daytime dazzle decimal deck degree delta denim deputy derby design develop
  dewdrop diagram dial diamond diary dice diesel digger digital diploma direct disco disk display diver dolphin
  domain dome domino doodle doorway dozen dragon drama draw dream drift drive drizzle drummer dune dust dwell
  eagle earmuff earring earth easel east ebony echo eclipse economy edge edition educate eggcup elastic elegant
  element elevate embassy emerald emperor encore energy engine episode eraser estate eternal evening example
  explain export express extend extra fable fabric factory fairway falcon famous farm fashion fence fern ferret
  fiction fidget field fifteen filter finale finch firefly flake flannel flask fleet flint flower foam foliage
  forest forge formula fortune forum forward foxtrot frame freezer freight fresco friday frog front frosty
  frugal gadget galaxy gallery garland garment garnet gateway gather gazette genius gherkin giant gift ginger
  giraffe glacier glass gleam glider glimmer glossy gloves glow goblet golden gondola grammar granite grapes
  grassy gravy grill grocer ground grove guild guinea guitar gumdrop gymnast hairpin half halibut hallway hamlet
  hammock hamper hamster handbag harmony harp harvest hawk hazel heather helium helmet helper herald herring
  hexagon highway hiking hilltop hinge history hockey holiday hollow hopeful horizon hundred iceberg icepack
  icicle icing icon idea igloo image impress inbox indigo indoor inkpot inkwell insect iris island ivory jackal
  jade jaguar janitor january jasmine jasper javelin jeep jelly jersey jetpack jetty jigsaw jingle jogger join
  journal joyful jubilee juggle jukebox jumble juniper kale karaoke kayak kebab kestrel ketchup kettle keyhole
  keynote keypad keyring kickoff kimono kingdom kiosk kiwi label ladder ladle ladybug lagoon lamp landing
  lantern lanyard laptop lark lasagna lasso lattice laugh laundry lawn layer leaf league learn legend leisure
  lemon lentil leopard lesson level library lilac lily lime linden lion lizard llama loafer lobster locket lodge
  lofty logbook logic lozenge luggage lullaby lunar lunch macaw machine maestro magnet magpie mailbox mallard
  manager mango mansion maple marble margin marina market marquee marsh marvel mascot math matrix mayor meadow
  meal measure melody memo mercury message meteor method metric midway mileage million mimosa mineral mint
  mirror misty mitten mixer mixture moat mobile modern monday monitor moonlit moose morning mosaic movie mudflat
  museum name napkin natural navy necktie nectar neon neptune nest network news newton nickel nimble ninety
  nonstop north nougat novel nugget number oatcake oatmeal observe ocean octagon october office oilcan olive
  olympic onion online opal opera optic orbit orchard oregano origami ostrich ounce outback outdoor outline
  outpost outside oven owlet oxygen pacific pagoda paint palm pancake panda panel panini panther paper paprika
  parasol parcel parsley party pasta pathway patio pattern pelican pencil penguin pennant percent phoenix phone
  photo phrase physics piano piccolo picnic picture pigeon piglet pigment pillar pilot pinball pioneer pirate
  pitcher pizza planet plaster plaza plenty pliers plum podium poem poetry pointer polka polo popcorn poplar
  popover porch portal postbox potato powder prairie prepare pretzel prism product profile program pudding
  puffin puma pumpkin puppet purple purse puzzle pyramid quality quarter quest quiche quill quiz radar radiant
  raffle railway rainbow raisin ramble rancher random range rapids raven ravioli recipe recycle redwood refill
  reflect refresh relay reptile review rhino rhubarb rhyme rhythm ridge rinse ripple risotto rivet roast robin
  roof rose rotate rowboat rowing ruby runner runway rural safari saffron sage sailor salmon salsa salute samosa
  sandal sapling sardine satchel saturn sauce sawdust sawmill scallop scarf scenery scholar science scone
  scooter scout scroll sculpt seafood seagull season seaweed sedan seesaw segment series sesame seventy shadow
  shark shawl shelf sherbet shimmer shiny shopper shrub shuffle shutter sidecar silo silver sixteen skating
  sketch skipper skylark slab slate sleeve sleigh slice slogan smile snail sneaker snowman soap social sofa
  soprano sorbet south space spaniel sparrow spatula sphere spicy spinach spiral spoke sport sprint spruce
  square stadium stamp stapler station stem stencil stereo stitch stove stream stride strudel sturdy suburb
  subway summer sunbeam sunday sunhat sunlit sunny sunrise super supply surfer survey swan sweater swim tactic
  talent tandem target tartan taxi teacup teapot tearoom tennis textile thatch theme thermos thicket thimble
  thistle thorn thrift thunder ticker tiger tinfoil tinsel tiptop toffee toggle tomato toolkit topaz topsoil
  tornado total toucan tourist tower town towpath tractor traffic trainer tramway transit trapeze travel tray
  treacle treetop trend tribute trinket trolley tropics trout truffle tugboat tulip tuna tundra tunic turbine
  turkey turnip turret turtle twelve twenty twinkle typist ukulele unfold uniform unique unpack unwind upbeat
  uphill upland uplift uptown urban urchin useful utensil variety varnish vehicle venue veranda view vinegar
  violet visit vivid volcano volley voltage volume vowel voyage wafer wagon waiter walkway wallaby walnut walrus
  waltz wander washer weave website weekend welcome wheat wheel whisker wigwam wildcat willow window winner
  wisdom wise wolf woodcut woollen wreath yacht yard year yellow yodel yoga yogurt zebra zesty zigzag zodiac
  zone
`
    .trim()
    .split(/\s+/),
);
