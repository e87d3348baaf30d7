"""Words near which a symbol means one unit rather than another, or none: what decides in units."""

from __future__ import annotations

from narrator.languages.en.rule import listed

LOOSE = listed(
    """
    t s V J N MP kt bar K BR BA bd ba pc
    """
)
"""Symbols that mean something else too often to be read where a word touches them."""

ATTRIBUTES = listed(
    """
    race sprint dash freestyle hurdles relay swim run final wall display winds wind gusts speeds
    speed screen radius drive battery gun cannon shell bottle bottles jug cans container tank
    bag bags box jar pan pot glass cup chip chips process node nodes read drive walk ride flight
    trip commute hike climb angle incline slope heat weather turn backstroke butterfly
    breaststroke medley steeplechase champion championship record limit zone cut hike monitor
    lens camera sensor engine motor charger adapter cable waves wave storm blizzard backpack
    turbine plant reactor array facility farm project card model version SSD HDD hard gap
    artillery shells guns cannons howitzer howitzers mortar mortars ammunition rounds pistol
    pistols rifle rifles film pulse pulses class
    """
)
"""Nouns that a quantity describes even without an article: "the 100 m final"."""

LENGTHS = listed(
    "tall long wide deep high thick apart away above below underwater across in from of"
)
"""Words after which 1.8m is a length."""

WARMTH = listed(
    """
    oven bake baked roast roasted preheat heat heated temperature temperatures warm warming
    warmer cooler hotter colder warmed hot cold cool cooled degrees simmer weather high highs
    low lows above below freezing threshold boil boils fever celsius fahrenheit temps mercury
    overnight chill chills dipped chilled fridge refrigerator cook cooked target limit climate
    """
)

ABSOLUTE = listed(
    """
    temperature temperatures warmer hotter cooler colder cooled heated superconducts
    superconducting superconductor kelvin freezes melts boils degrees surface helium
    """
)
"""Words near which K are kelvins."""

STARRY = listed("ly light-year light star stars galaxy galaxies cluster nebula parsecs kpc")
"""Words near which 1.3 pc are parsecs."""

STORMY = listed("pressure pressures storm hurricane cyclone typhoon low barometer eye depression")
"""Words near which 892 mb are millibars."""

WINDY = listed(
    "wind winds windy gust gusts gusting track tracks tracking moving sailing speed speeds"
)
"""Words near which 25 kt are knots."""
MEASURED = listed(
    """
    cleared clears clear jump jumped jumps leap leaped leapt vault vaulted threw throw throws
    peaked depth deep height tall river tide wave waves measured measures measuring stood stands
    mark
    """
)
"""Words after which 2.10m are meters and no millions."""
CHANGES = listed("cut hike")
"""Nouns for rates that are verbs after winds: "winds of 150 mph cut a path"."""
COUNTED_IN_MILLIONS = listed(
    "votes voters viewers users people followers subscribers doses tickets copies passengers"
)
"""Words after which a lone 75m counts more of them."""
NAUTICAL = listed("flies fly flown flew sail sails sailed voyage offshore vessel coast nautical")
"""Words near which 4,700nm are nautical miles."""
