from typing import Any

CITIES = (
    (
        "U.S.",
        "Albany; Albuquerque; Anchorage; Asheville; Atlanta; Austin; Bakersfield; Baltimore; "
        "Baton Rouge; Birmingham; Boise; Boston; Buffalo; Burlington; Charleston; Charlotte; "
        "Chattanooga; Chicago; Cincinnati; Cleveland; Colorado Springs; Columbia; Columbus; "
        "Corpus Christi; Dallas; Dayton; Denver; Des Moines; Detroit; El Paso; Eugene; "
        "Fayetteville; Fort Lauderdale; Fort Myers; Fort Worth; Fresno; Grand Rapids; "
        "Greensboro; Greenville; Harrisburg; Hartford; Honolulu; Houston; Huntsville; "
        "Indianapolis; Jackson; Jacksonville; Kansas City; Key West; Knoxville; Las Vegas; "
        "Lexington; Little Rock; Long Beach; Los Angeles; Louisville; Lubbock; Madison; "
        "Manchester; Memphis; Mesa; Miami; Milwaukee; Minneapolis; Mobile; Myrtle Beach; "
        "Nashville; New Orleans; New York; New York City; Newark; Norfolk; Oakland; Oklahoma "
        "City; Omaha; Ontario; Orange County; Orlando; Palm Springs; Pensacola; Philadelphia; "
        "Phoenix; Pittsburgh; Portland; Providence; Raleigh; Raleigh-Durham; Reno; Richmond; "
        "Rochester; Sacramento; Saint Louis; Salt Lake City; San Antonio; San Diego; San "
        "Francisco; San Jose; Santa Ana; Santa Barbara; Santa Fe; Sarasota; Savannah; "
        "Scottsdale; Seattle; Spokane; St. Louis; St. Paul; Syracuse; Tallahassee; Tampa; "
        "Toledo; Tucson; Tulsa; Virginia Beach; Washington; Washington D.C.; Washington DC; "
        "West Palm Beach; Wichita; Wilmington",
    ),
    (
        "Puerto Rico",
        "Aguadilla; Mayaguez; Mayagüez; Ponce; San Juan",
    ),
    (
        "U.S. Virgin Islands",
        "Charlotte Amalie; Christiansted; St. Croix; St. Thomas",
    ),
    (
        "Canada",
        "Calgary; Edmonton; Halifax; Hamilton; Kelowna; Mississauga; Montreal; Montréal; "
        "Ottawa; Quebec; Quebec City; Québec City; Regina; Saskatoon; St. John's; Toronto; "
        "Vancouver; Victoria; Winnipeg",
    ),
    (
        "Mexico",
        "Acapulco; Aguascalientes; Cancun; Cancún; Chihuahua; Ciudad Juarez; Ciudad Juárez; "
        "Cozumel; Guadalajara; Guanajuato; Hermosillo; Leon; León; Los Cabos; Mazatlan; "
        "Mazatlán; Merida; Mérida; Mexico City; Monterrey; Morelia; Oaxaca; Puebla; Puerto "
        "Vallarta; Queretaro; Querétaro; San Jose del Cabo; San José del Cabo; San Luis "
        "Potosi; San Luis Potosí; Tijuana; Torreon; Torreón; Tulum; Veracruz; Zacatecas",
    ),
    (
        "Cuba",
        "Camaguey; Camagüey; Cienfuegos; Havana; Holguin; Holguín; Santa Clara; Santiago de "
        "Cuba; Varadero",
    ),
    (
        "Haiti",
        "Cap-Haitien; Cap-Haïtien; Port-au-Prince",
    ),
    (
        "Caribbean",
        "Antigua; Aruba; Barbados; Basseterre; Bermuda; Bonaire; Bridgetown; Castries; "
        "Curacao; Curaçao; Fort-de-France; Freeport; George Town; Grand Cayman; Kingston; "
        "Kingstown; Marsh Harbour; Montego Bay; Nassau; Oranjestad; Philipsburg; "
        "Pointe-a-Pitre; Pointe-à-Pitre; Port of Spain; Providenciales; Puerto Plata; Punta "
        "Cana; Roseau; Santiago de los Caballeros; Santo Domingo; St. George's; St. Lucia; "
        "St. Maarten; Willemstad",
    ),
    (
        "Panama",
        "Panama City; Colon; Colón",
    ),
    (
        "Honduras",
        "Comayagua; La Ceiba; Roatan; Roatán; San Pedro Sula; Tegucigalpa",
    ),
    (
        "Central America",
        "Belize City; Belmopan; Guatemala City; Liberia; Managua; San José; San Salvador",
    ),
    (
        "Guyana",
        "Georgetown",
    ),
    (
        "Suriname",
        "Paramaribo",
    ),
    (
        "Colombia",
        "Barranquilla; Bogota; Bogotá; Bucaramanga; Cali; Cartagena; Medellin; Medellín; "
        "Pereira; Santa Marta",
    ),
    (
        "Ecuador",
        "Cuenca; Guayaquil; Quito",
    ),
    (
        "Peru",
        "Arequipa; Cusco; Cuzco; Lima; Trujillo",
    ),
    (
        "South America",
        "Asuncion; Asunción; Belo Horizonte; Brasilia; Brasília; Buenos Aires; Caracas; "
        "Cordoba; Cochabamba; Curitiba; Florianopolis; Florianópolis; Fortaleza; La Paz; "
        "Manaus; Mendoza; Montevideo; Porto Alegre; Recife; Rio de Janeiro; Rosario; "
        "Salvador; Santa Cruz; Santiago; Sao Paulo; São Paulo; Valparaiso; Valparaíso",
    ),
    (
        "Israel",
        "Haifa; Jerusalem; Tel Aviv",
    ),
    (
        "Qatar",
        "Doha",
    ),
    (
        "Europe",
        "Amsterdam; Athens; Barcelona; Belfast; Belgrade; Bergen; Berlin; Bern; Bologna; "
        "Bordeaux; Bratislava; Brussels; Bucharest; Budapest; Catania; Cologne; Copenhagen; "
        "Dublin; Dubrovnik; Dusseldorf; Düsseldorf; Edinburgh; Florence; Frankfurt; Geneva; "
        "Glasgow; Gothenburg; Hamburg; Helsinki; Istanbul; Krakow; Kraków; Kyiv; Lisbon; "
        "Liverpool; Ljubljana; London; Luxembourg; Lyon; Madrid; Malaga; Málaga; Marseille; "
        "Milan; Monaco; Munich; Naples; Nice; Oslo; Palermo; Palma de Mallorca; Paris; Porto; "
        "Prague; Reykjavik; Riga; Rome; Rotterdam; Salzburg; Santorini; Seville; Sofia; "
        "Split; Stockholm; Stuttgart; Tallinn; The Hague; Toulouse; Turin; Valencia; Venice; "
        "Vienna; Vilnius; Warsaw; Zagreb; Zurich; Zürich",
    ),
    (
        "India",
        "Ahmedabad; Amritsar; Bangalore; Bengaluru; Bhopal; Bombay; Calcutta; Chandigarh; "
        "Chennai; Cochin; Coimbatore; Delhi; Goa; Guwahati; Hyderabad; Indore; Jaipur; Kochi; "
        "Kolkata; Lucknow; Madras; Mumbai; Nagpur; New Delhi; Patna; Pune; Surat; "
        "Thiruvananthapuram; Varanasi; Visakhapatnam",
    ),
    (
        "China",
        "Beijing; Changchun; Changsha; Chengdu; Chongqing; Dalian; Dongguan; Fuzhou; "
        "Guangzhou; Guilin; Guiyang; Haikou; Hangzhou; Harbin; Hefei; Jinan; Kunming; "
        "Lanzhou; Nanchang; Nanjing; Nanning; Ningbo; Qingdao; Sanya; Shanghai; Shenyang; "
        "Shenzhen; Shijiazhuang; Suzhou; Taiyuan; Tianjin; Urumqi; Wenzhou; Wuhan; Wuxi; "
        "Xi'an; Xian; Xiamen; Zhengzhou; Zhuhai",
    ),
    (
        "Japan",
        "Fukuoka; Hakodate; Hiroshima; Kagoshima; Kanazawa; Kawasaki; Kitakyushu; Kobe; "
        "Kumamoto; Kyoto; Nagasaki; Nagoya; Naha; Narita; Niigata; Okayama; Okinawa; Osaka; "
        "Saitama; Sapporo; Sendai; Tokyo; Yokohama",
    ),
    (
        "South Korea",
        "Busan; Daegu; Daejeon; Gwangju; Incheon; Jeju; Jeju City; Seoul; Suwon; Ulsan",
    ),
    (
        "Hong Kong",
        "Hong Kong",
    ),
    (
        "Australia",
        "Adelaide; Alice Springs; Brisbane; Cairns; Canberra; Darwin; Geelong; Gold Coast; "
        "Hobart; Melbourne; Newcastle; Perth; Sunshine Coast; Sydney; Townsville; Wollongong",
    ),
    (
        "New Zealand",
        "Auckland; Christchurch; Dunedin; Nelson; Napier; Queenstown; Rotorua; Tauranga; "
        "Wellington",
    ),
)


def name_regions(parts: dict[str, Any]) -> dict[str, str]:
    """Name the regions in which the flight starts and ends.

    Rules: 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33
    >>> name_regions(parts={"origin": "Orlando", "destination": "Bogotá"})
    {'start': 'U.S.', 'end': 'Colombia'}
    >>> name_regions(parts={"origin": "Wuhan", "destination": "Washington D.C."})
    {'start': 'China', 'end': 'U.S.'}
    """
    regions = {city: region for region, cities in CITIES for city in cities.split("; ")}
    for city in (parts["origin"], parts["destination"]):
        if city not in regions:
            raise ValueError("the rules name no city " + repr(city))
    return {"start": regions[parts["origin"]], "end": regions[parts["destination"]]}
