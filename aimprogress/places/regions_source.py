"""Hand-written tables that `make_reference` joins: oblasts of Ukraine, regions by ISO 3166-2, a few German towns.

Facts only: ISO 3166-2 codes and names, the GeoNames number of each region, rounded public points of towns.
"""

from __future__ import annotations

from typing import NamedTuple

# P-code -> English name, Ukrainian name, ISO 3166-2. ISO and P-code differ for Crimea, Luhansk, Chernivtsi, Kyiv, Sevastopol.
OBLASTS = {
    "UA01": ("Autonomous Republic of Crimea", "Автономна Республіка Крим", "UA-43"),
    "UA05": ("Vinnytsia", "Вінницька", "UA-05"),
    "UA07": ("Volyn", "Волинська", "UA-07"),
    "UA12": ("Dnipropetrovsk", "Дніпропетровська", "UA-12"),
    "UA14": ("Donetsk", "Донецька", "UA-14"),
    "UA18": ("Zhytomyr", "Житомирська", "UA-18"),
    "UA21": ("Zakarpattia", "Закарпатська", "UA-21"),
    "UA23": ("Zaporizhzhia", "Запорізька", "UA-23"),
    "UA26": ("Ivano-Frankivsk", "Івано-Франківська", "UA-26"),
    "UA32": ("Kyiv oblast", "Київська", "UA-32"),
    "UA35": ("Kirovohrad", "Кіровоградська", "UA-35"),
    "UA44": ("Luhansk", "Луганська", "UA-09"),
    "UA46": ("Lviv", "Львівська", "UA-46"),
    "UA48": ("Mykolaiv", "Миколаївська", "UA-48"),
    "UA51": ("Odesa", "Одеська", "UA-51"),
    "UA53": ("Poltava", "Полтавська", "UA-53"),
    "UA56": ("Rivne", "Рівненська", "UA-56"),
    "UA59": ("Sumy", "Сумська", "UA-59"),
    "UA61": ("Ternopil", "Тернопільська", "UA-61"),
    "UA63": ("Kharkiv", "Харківська", "UA-63"),
    "UA65": ("Kherson", "Херсонська", "UA-65"),
    "UA68": ("Khmelnytskyi", "Хмельницька", "UA-68"),
    "UA71": ("Cherkasy", "Черкаська", "UA-71"),
    "UA73": ("Chernivtsi", "Чернівецька", "UA-77"),
    "UA74": ("Chernihiv", "Чернігівська", "UA-74"),
    "UA80": ("Kyiv city", "м. Київ", "UA-30"),
    "UA85": ("Sevastopol city", "м. Севастополь", "UA-40"),
}

# GeoNames' number of the region -> P-code
GEONAMES_UKRAINE = {
    "01": "UA71", "02": "UA74", "03": "UA73", "04": "UA12", "05": "UA14", "06": "UA26", "07": "UA63", "08": "UA65", "09": "UA68",
    "10": "UA35", "11": "UA01", "12": "UA80", "13": "UA32", "14": "UA44", "15": "UA46", "16": "UA48", "17": "UA51", "18": "UA53",
    "19": "UA56", "20": "UA85", "21": "UA59", "22": "UA61", "23": "UA05", "24": "UA07", "25": "UA21", "26": "UA23", "27": "UA18",
}  # fmt: skip


class Region(NamedTuple):
    """One region: code, country, names, GeoNames' number, and OCHA's spelling where it is another one."""

    code: str
    country: str
    name_en: str
    name_local: str
    geonames: str
    pcode_name: str = ""


RUSSIAN_NAMES = frozenset({"RU", "BY"})

# country: code geonames "name" ["name in OCHA's table"] ["local name"], one a line; a code without hyphen is a whole country
_TABLE = {
    "PL": """02 72 Dolnośląskie|04 73 Kujawsko-Pomorskie|06 75 Lubelskie|08 76 Lubuskie|10 74 Łódzkie|12 77 Małopolskie
14 78 Mazowieckie|16 79 Opolskie|18 80 Podkarpackie|20 81 Podlaskie|22 82 Pomorskie|24 83 Śląskie|26 84 Świętokrzyskie
28 85 Warmińsko-Mazurskie|30 86 Wielkopolskie|32 87 Zachodniopomorskie""",
    "SK": """BC 01 Banská Bystrica region;Banskobystricky kraj;Banskobystrický kraj
BL 02 Bratislava region;Bratislavsky kraj;Bratislavský kraj|KI 03 Košice region;Kosicky kraj;Košický kraj
NI 04 Nitra region;Nitriansky kraj;Nitriansky kraj|PV 05 Prešov region;Presovsky kraj;Prešovský kraj
TA 07 Trnava region;Trnavsky kraj;Trnavský kraj|TC 06 Trenčín region;Trenciansky kraj;Trenčiansky kraj
ZI 08 Žilina region;Zilinsky kraj;Žilinský kraj""",
    "HU": """BA 02 Baranya|BE 03 Békés|BK 01 Bács-Kiskun|BU 05 Budapest|BZ 04 Borsod-Abaúj-Zemplén
CS 06 Csongrád-Csanád;Csongrad|FE 08 Fejér|GS 09 Győr-Moson-Sopron|HB 10 Hajdú-Bihar|HE 11 Heves|JN 20 Jász-Nagykun-Szolnok
KE 12 Komárom-Esztergom|NO 14 Nógrád|PE 16 Pest|SO 17 Somogy|SZ 18 Szabolcs-Szatmár-Bereg|TO 21 Tolna|VA 22 Vas
VE 23 Veszprém|ZA 24 Zala""",
    "RO": """AB 01 Alba|AG 03 Argeș|AR 02 Arad|B 10 Bucharest;Bucuresti;București|BC 04 Bacău|BH 05 Bihor|BN 06 Bistrița-Năsăud
BR 08 Brăila|BT 07 Botoșani|BV 09 Brașov|BZ 11 Buzău|CJ 13 Cluj|CL 41 Călărași|CS 12 Caraș-Severin|CT 14 Constanța|CV 15 Covasna
DB 16 Dâmbovița|DJ 17 Dolj|GJ 19 Gorj|GL 18 Galați|GR 42 Giurgiu|HD 21 Hunedoara|HR 20 Harghita|IF 43 Ilfov|IL 22 Ialomița
IS 23 Iași|MH 26 Mehedinți|MM 25 Maramureș|MS 27 Mureș|NT 28 Neamț|OT 29 Olt|PH 30 Prahova|SB 33 Sibiu|SJ 31 Sălaj
SM 32 Satu Mare|SV 34 Suceava|TL 37 Tulcea|TM 36 Timiș|TR 35 Teleorman|VL 39 Vâlcea|VN 40 Vrancea|VS 38 Vaslui""",
    "MD": """AN 59 Anenii Noi|BA 60 Bălți|BD 62 Bender|BR 70 Briceni|BS 61 Basarabeasca|CA 64 Cahul|CL 66 Călărași|CM 68 Cimișlia
CR 69 Criuleni|CS 67 Căușeni|CT 65 Cantemir|CU 57 Chișinău|DO 63 Dondușeni|DR 71 Drochia|DU 72 Dubăsari|ED 73 Edineț|FA 74 Fălești
FL 75 Florești|GA 51 Gagauzia;Unitate Teritoriala Autonoma Gagauzia;Găgăuzia|GL 76 Glodeni|HI 77 Hîncești|IA 78 Ialoveni
LE 79 Leova|NI 80 Nisporeni|OC 81 Ocnița|OR 82 Orhei|RE 83 Rezina|RI 84 Rîșcani|SD 86 Șoldănești|SI 85 Sîngerei
SN 58 Left bank of the Dniester;Transnistria;Stînga Nistrului|SO 87 Soroca|ST 89 Strășeni|SV 88 Ștefan Vodă|TA 90 Taraclia
TE 91 Telenești|UN 92 Ungheni""",
    "BY": """BR 01 Brest region;Brest;Брэсцкая вобласць
HM 04 Minsk city;Minsk City;Мінск|HO 02 Homiel region;Gomel;Гомельская вобласць
HR 03 Hrodna region;Grodno;Гродзенская вобласць|MA 06 Mahilioŭ region;Mogilev;Магілёўская вобласць
MI 05 Minsk region;Minsk;Мінская вобласць|VI 07 Viciebsk region;Vitebsk;Віцебская вобласць""",
    "RU": """AD 01 Adygea;Adygey|AL 03 Altai Republic;Gorno-Altay|ALT 04 Altai Krai;Altay|AMU 05 Amur|ARK 06 Arkhangelsk
AST 07 Astrakhan|BA 08 Bashkortostan|BEL 09 Belgorod|BRY 10 Bryansk|BU 11 Buryatia;Buryat|CE 12 Chechnya|CHE 13 Chelyabinsk
CHU 15 Chukotka;Chukot|CU 16 Chuvashia;Chuvash|DA 17 Dagestan|IN 19 Ingushetia;Ingush|IRK 20 Irkutsk|IVA 21 Ivanovo
KAM 92 Kamchatka|KB 22 Kabardino-Balkaria;Kabardin-Balkar|KC 27 Karachay-Cherkessia;Karachay-Cherkess|KDA 38 Krasnodar
KEM 29 Kemerovo|KGD 23 Kaliningrad|KGN 40 Kurgan|KHA 30 Khabarovsk|KHM 32 Khanty-Mansi;Khanty-Mansiy|KIR 33 Kirov
KK 31 Khakassia;Khakass|KL 24 Kalmykia;Kalmyk|KLU 25 Kaluga|KO 34 Komi|KOS 37 Kostroma|KR 28 Karelia|KRS 41 Kursk
KYA 91 Krasnoyarsk|LEN 42 Leningrad|LIP 43 Lipetsk|MAG 44 Magadan;Maga Buryatdan|ME 45 Mari El;Mariy-El|MO 46 Mordovia
MOS 47 Moscow region;Moskva|MOW 48 Moscow city;Moscow City|MUR 49 Murmansk|NEN 50 Nenets|NGR 52 Novgorod
NIZ 51 Nizhny Novgorod;Nizhegorod|NVS 53 Novosibirsk|OMS 54 Omsk|ORE 55 Orenburg|ORL 56 Oryol;Orel|PER 90 Perm|PNZ 57 Penza
PRI 59 Primorye;Primor'ye|PSK 60 Pskov|ROS 61 Rostov|RYA 62 Ryazan|SA 63 Sakha (Yakutia);Sakha|SAK 64 Sakhalin|SAM 65 Samara
SAR 67 Saratov|SE 68 North Ossetia|SMO 69 Smolensk|SPE 66 Saint Petersburg;City of St. Petersburg|STA 70 Stavropol
SVE 71 Sverdlovsk|TA 73 Tatarstan|TAM 72 Tambov|TOM 75 Tomsk|TUL 76 Tula|TVE 77 Tver|TY 79 Tuva|TYU 78 Tyumen
UD 80 Udmurtia;Udmurt|ULY 81 Ulyanovsk|VGG 84 Volgograd|VLA 83 Vladimir|VLG 85 Vologda|VOR 86 Voronezh
YAN 87 Yamalo-Nenets;Yamal-Nenets|YAR 88 Yaroslavl|YEV 89 Jewish Autonomous Region;Yevrey|ZAB 93 Zabaykalsky;Zabaykal'ye""",
    "CZ": """10 52 Prague;;Praha|20 88 Central Bohemia;;Středočeský kraj|31 79 South Bohemia;;Jihočeský kraj
32 87 Plzeň region;;Plzeňský kraj|41 81 Karlovy Vary region;;Karlovarský kraj|42 89 Ústí nad Labem region;;Ústecký kraj
51 83 Liberec region;;Liberecký kraj|52 82 Hradec Králové region;;Královéhradecký kraj|53 86 Pardubice region;;Pardubický kraj
63 80 Vysočina;;Kraj Vysočina|64 78 South Moravia;;Jihomoravský kraj|71 84 Olomouc region;;Olomoucký kraj
72 90 Zlín region;;Zlínský kraj|80 85 Moravia-Silesia;;Moravskoslezský kraj""",
    "LT": """AL 56 Alytus county;;Alytaus apskritis
KL 58 Klaipėda county;;Klaipėdos apskritis|KU 57 Kaunas county;;Kauno apskritis
MR 59 Marijampolė county;;Marijampolės apskritis|PN 60 Panevėžys county;;Panevėžio apskritis
SA 61 Šiauliai county;;Šiaulių apskritis
TA 62 Tauragė county;;Tauragės apskritis|TE 63 Telšiai county;;Telšių apskritis|UT 64 Utena county;;Utenos apskritis
VL 65 Vilnius county;;Vilniaus apskritis""",
    "DE": """BB - Brandenburg|BE - Berlin|BW - Baden-Württemberg|BY - Bavaria;;Bayern|HB - Bremen|HE - Hesse;;Hessen|HH - Hamburg
MV - Mecklenburg-Vorpommern|NI - Lower Saxony;;Niedersachsen|NW - North Rhine-Westphalia;;Nordrhein-Westfalen
RP - Rhineland-Palatinate;;Rheinland-Pfalz|SH - Schleswig-Holstein|SL - Saarland|SN - Saxony;;Sachsen
ST - Saxony-Anhalt;;Sachsen-Anhalt|TH - Thuringia;;Thüringen""",
}
# host countries whose regions are not listed: one area, the whole country, under its ISO 3166-1 code
_WHOLE_COUNTRIES = (
    "AM Armenia|AZ Azerbaijan|BG Bulgaria|EE Estonia|ES Spain|GB United Kingdom|GE Georgia|IE Ireland|IT Italy|KG Kyrgyzstan"
    "|KZ Kazakhstan|LV Latvia|NL Netherlands|TR Türkiye|UZ Uzbekistan"
)


def _regions() -> list[Region]:
    out = []
    for country, text in _TABLE.items():
        for entry in text.replace("\n", "|").split("|"):
            code, geonames, names = entry.strip().split(" ", 2)
            name, pcode_name, local = [*names.split(";"), "", ""][:3]
            out.append(Region(f"{country}-{code}", country, name, local or name, geonames, pcode_name))
    for entry in _WHOLE_COUNTRIES.split("|"):
        code, name = entry.split(" ", 1)
        out.append(Region(code, code, name, name, ""))
    return out


REGIONS = _regions()

# capitals of the German states and larger towns: region, name, public point, inhabitants (rounded)
GERMAN_TOWNS = [
    ("DE-BE", "Berlin", 52.52, 13.41, 3_660_000),
    ("DE-HH", "Hamburg", 53.55, 9.99, 1_850_000),
    ("DE-BY", "Munich", 48.14, 11.58, 1_490_000),
    ("DE-NW", "Cologne", 50.94, 6.96, 1_070_000),
    ("DE-HE", "Frankfurt am Main", 50.11, 8.68, 760_000),
    ("DE-BW", "Stuttgart", 48.78, 9.18, 630_000),
    ("DE-NW", "Düsseldorf", 51.23, 6.78, 620_000),
    ("DE-SN", "Leipzig", 51.34, 12.37, 600_000),
    ("DE-NW", "Dortmund", 51.51, 7.47, 590_000),
    ("DE-HB", "Bremen", 53.08, 8.81, 560_000),
    ("DE-SN", "Dresden", 51.05, 13.74, 560_000),
    ("DE-NI", "Hanover", 52.37, 9.73, 540_000),
    ("DE-BY", "Nuremberg", 49.45, 11.08, 520_000),
    ("DE-NW", "Duisburg", 51.43, 6.76, 500_000),
    ("DE-BW", "Mannheim", 49.49, 8.47, 310_000),
    ("DE-BY", "Augsburg", 48.37, 10.90, 300_000),
    ("DE-HE", "Wiesbaden", 50.08, 8.24, 280_000),
    ("DE-NI", "Brunswick", 52.27, 10.52, 250_000),
    ("DE-SH", "Kiel", 54.32, 10.14, 250_000),
    ("DE-ST", "Magdeburg", 52.13, 11.63, 240_000),
    ("DE-SN", "Chemnitz", 50.83, 12.92, 240_000),
    ("DE-ST", "Halle (Saale)", 51.48, 11.97, 240_000),
    ("DE-RP", "Mainz", 50.00, 8.27, 220_000),
    ("DE-TH", "Erfurt", 50.98, 11.03, 210_000),
    ("DE-MV", "Rostock", 54.09, 12.14, 210_000),
    ("DE-BB", "Potsdam", 52.40, 13.06, 180_000),
    ("DE-SL", "Saarbrücken", 49.23, 6.99, 180_000),
    ("DE-MV", "Schwerin", 53.63, 11.41, 96_000),
    ("DE-BB", "Cottbus", 51.76, 14.33, 99_000),
    ("DE-BB", "Frankfurt (Oder)", 52.35, 14.55, 57_000),
    ("DE-SN", "Görlitz", 51.16, 14.99, 56_000),
]
