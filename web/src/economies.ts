// Economies by ISO 3166-1 code, as registries delegate to them: a short name and a point inside the land to write at.
// A name is the label of a code and says nothing on status; names follow the ISO short form without additions. Small ones count as large ones.
import {lang, locale} from './i18n';
const TABLE = `AD Andorra 1.6 42.5|AE United Arab Emirates 54.4 24|AF Afghanistan 66 34|AG Antigua and Barbuda -61.8 17.1|AI Anguilla -63.1 18.2|AL Albania 20 41|AM Armenia 45 40.3
AO Angola 17.5 -12.3|AQ Antarctica 0 -80|AR Argentina -65 -35|AS American Samoa -170.7 -14.3|AT Austria 14.5 47.6|AU Australia 134 -25|AW Aruba -70 12.5|AX Åland Islands 20 60.2|AZ Azerbaijan 47.7 40.3
BA Bosnia and Herzegovina 17.8 44.2|BB Barbados -59.5 13.2|BD Bangladesh 90 24|BE Belgium 4.6 50.6|BF Burkina Faso -1.7 12.3|BG Bulgaria 25.2 42.7|BH Bahrain 50.5 26|BI Burundi 29.9 -3.3
BJ Benin 2.3 9.6|BL Saint Barthélemy -62.8 17.9|BM Bermuda -64.8 32.3|BN Brunei Darussalam 114.6 4.5|BO Bolivia -64.6 -16.7|BQ Bonaire, Sint Eustatius and Saba -68.3 12.2|BR Brazil -52 -11|BS Bahamas -77.9 24.6
BT Bhutan 90.4 27.4|BV Bouvet Island 3.4 -54.4|BW Botswana 23.8 -22.2|BY Belarus 28 53.5|BZ Belize -88.7 17.2|CA Canada -106 56|CC Cocos (Keeling) Islands 96.8 -12.2|CD Congo, Democratic Republic 23.6 -2.9
CF Central African Republic 20.5 6.6|CG Congo 15.2 -0.8|CH Switzerland 8.2 46.8|CI Côte d'Ivoire -5.6 7.6|CK Cook Islands -159.8 -21.2|CL Chile -70.8 -32|CM Cameroon 12.7 5.7|CN China 103.8 35
CO Colombia -73 4|CR Costa Rica -84 10|CU Cuba -79 21.9|CV Cabo Verde -23.6 15.1|CW Curaçao -69 12.2|CX Christmas Island 105.6 -10.5|CY Cyprus 33 35|CZ Czechia 15.3 49.8
DE Germany 10.4 51|DJ Djibouti 42.5 11.8|DK Denmark 9.3 56|DM Dominica -61.4 15.4|DO Dominican Republic -70.5 18.9|DZ Algeria 2.6 28.2|EC Ecuador -78.4 -1.4|EE Estonia 25.8 58.7
EG Egypt 29.8 26.5|EH Western Sahara -13 24.2|ER Eritrea 38.7 15.5|ES Spain -3.6 40.3|ET Ethiopia 39.6 8.6|FI Finland 26.3 63|FJ Fiji 178 -17.8|FK Falkland Islands (Malvinas) -58.6 -51.8
FM Micronesia 158.2 6.9|FO Faroe Islands -6.9 62.1|FR France 2.5 46.7|GA Gabon 11.8 -0.6|GB United Kingdom -1.6 52.8|GD Grenada -61.7 12.1|GE Georgia 43.5 42.2|GF French Guiana -53.2 3.9
GG Guernsey -2.6 49.5|GH Ghana -1.2 7.9|GI Gibraltar -5.3 36.1|GL Greenland -42 70|GM Gambia -15.4 13.4|GN Guinea -10.9 10.4|GP Guadeloupe -61.6 16.2|GQ Equatorial Guinea 10.4 1.7
GR Greece 22 39.3|GS South Georgia and the South Sandwich Islands -36.7 -54.4|GT Guatemala -90.4 15.7|GU Guam 144.8 13.4|GW Guinea-Bissau -15 12|GY Guyana -58.9 4.8|HK Hong Kong 114.1 22.4|HM Heard Island and McDonald Islands 73.5 -53.1
HN Honduras -86.6 14.8|HR Croatia 16.3 45.4|HT Haiti -72.3 19|HU Hungary 19.4 47.2|ID Indonesia 113.5 -1|IE Ireland -8 53.2|IL Israel 34.9 31.3|IM Isle of Man -4.5 54.2
IN India 79 22|IO British Indian Ocean Territory 72.4 -7.3|IQ Iraq 43.7 33|IR Iran 54.3 32.6|IS Iceland -18.6 65|IT Italy 12.4 43|JE Jersey -2.1 49.2|JM Jamaica -77.3 18.1
JO Jordan 36.6 31.2|JP Japan 138.3 36.5|KE Kenya 37.8 0.6|KG Kyrgyzstan 74.5 41.5|KH Cambodia 104.9 12.7|KI Kiribati 173 1.4|KM Comoros 43.3 -11.7|KN Saint Kitts and Nevis -62.7 17.3
KP Korea, Democratic People's Republic 127 40.2|KR Korea, Republic 127.8 36.4|KW Kuwait 47.6 29.3|KY Cayman Islands -81.2 19.3|KZ Kazakhstan 67.3 48.2|LA Lao People's Democratic Republic 103.5 18.8|LB Lebanon 35.9 33.9|LC Saint Lucia -61 13.9
LI Liechtenstein 9.5 47.1|LK Sri Lanka 80.7 7.6|LR Liberia -9.3 6.4|LS Lesotho 28.2 -29.6|LT Lithuania 23.9 55.3|LU Luxembourg 6.1 49.8|LV Latvia 25.4 56.8|LY Libya 18 27
MA Morocco -6.3 31.9|MC Monaco 7.4 43.7|MD Moldova 28.5 47.2|ME Montenegro 19.2 42.8|MF Saint Martin -63.1 18.1|MG Madagascar 46.7 -19.4|MH Marshall Islands 171.2 7.1|MK North Macedonia 21.7 41.6
ML Mali -3.5 17.3|MM Myanmar 96 21|MN Mongolia 103 46.8|MO Macao 113.6 22.2|MP Northern Mariana Islands 145.7 15.2|MQ Martinique -61 14.6|MR Mauritania -10.4 20.3|MS Montserrat -62.2 16.7
MT Malta 14.4 35.9|MU Mauritius 57.6 -20.3|MV Maldives 73.5 4.2|MW Malawi 33.9 -13.2|MX Mexico -102.5 23.9|MY Malaysia 102.2 4.2|MZ Mozambique 37.5 -14|NA Namibia 17.2 -22.1
NC New Caledonia 165.6 -21.3|NE Niger 9.4 17.4|NF Norfolk Island 168 -29|NG Nigeria 8.1 9.6|NI Nicaragua -85 12.8|NL Netherlands 5.6 52.2|NO Norway 9.5 61.5|NP Nepal 83.9 28.2
NR Nauru 166.9 -0.5|NU Niue -169.9 -19.1|NZ New Zealand 171.5 -43.3|OM Oman 56.1 20.6|PA Panama -80.1 8.5|PE Peru -74.4 -9.2|PF French Polynesia -149.4 -17.7|PG Papua New Guinea 144 -6
PH Philippines 121.3 16.5|PK Pakistan 69.3 29.9|PL Poland 19.3 52.1|PM Saint Pierre and Miquelon -56.3 46.9|PN Pitcairn -130.1 -25.1|PR Puerto Rico -66.4 18.2|PS Palestine 35.2 31.9|PT Portugal -8 39.6
PW Palau 134.6 7.5|PY Paraguay -58.4 -23.2|QA Qatar 51.2 25.3|RE Réunion 55.5 -21.1|RO Romania 25 45.9|RS Serbia 20.8 44|RU Russian Federation 92 61|RW Rwanda 29.9 -2
SA Saudi Arabia 44.5 24|SB Solomon Islands 160.1 -9.6|SC Seychelles 55.5 -4.7|SD Sudan 29.9 16|SE Sweden 15.3 62|SG Singapore 103.8 1.4|SH Saint Helena, Ascension and Tristan da Cunha -5.7 -16|SI Slovenia 14.8 46.1
SJ Svalbard and Jan Mayen 16 78.6|SK Slovakia 19.5 48.7|SL Sierra Leone -11.8 8.6|SM San Marino 12.5 43.9|SN Senegal -14.5 14.4|SO Somalia 45.7 5|SR Suriname -55.9 4.1|SS South Sudan 30.3 7.3
ST Sao Tome and Principe 6.6 0.2|SV El Salvador -88.9 13.7|SX Sint Maarten -63.1 18|SY Syrian Arab Republic 38.5 35|SZ Eswatini 31.5 -26.6|TC Turks and Caicos Islands -71.8 21.8|TD Chad 18.6 15.3|TF French Southern Territories 69.5 -49.3
TG Togo 1 8.6|TH Thailand 101 15.4|TJ Tajikistan 71 38.5|TK Tokelau -171.8 -9.2|TL Timor-Leste 125.9 -8.8|TM Turkmenistan 59.4 39.1|TN Tunisia 9.6 34.1|TO Tonga -175.2 -21.2
TR Türkiye 35.2 39|TT Trinidad and Tobago -61.3 10.4|TV Tuvalu 179.2 -8.5|TW Taiwan 121 23.8|TZ Tanzania 34.8 -6.3|UA Ukraine 31.4 49|UG Uganda 32.4 1.3|UM United States Minor Outlying Islands 166.6 19.3
US United States -98.5 39.5|UY Uruguay -56 -32.8|UZ Uzbekistan 63.2 41.8|VA Holy See 12.5 41.9|VC Saint Vincent and the Grenadines -61.2 13.3|VE Venezuela -66.2 7.1|VG Virgin Islands (British) -64.6 18.4|VI Virgin Islands (U.S.) -64.8 18.3
VN Viet Nam 105.8 21|VU Vanuatu 167 -15.4|WF Wallis and Futuna -176.2 -13.3|WS Samoa -172.4 -13.7|YE Yemen 47.6 15.9|YT Mayotte 45.1 -12.8|ZA South Africa 24.6 -29|ZM Zambia 27.8 -13.5|ZW Zimbabwe 29.8 -19`;

// Codes that users assign themselves stand for invented economies; their places are invented too.
const DEMO = `XA -98 39|XB -50 -12|XC 77 21|XD 138 37|XE 46 52|XF 25 -28|XG 115 26|XH -72 4|XI 121 -2|XJ 8 9|XL 27 45|XM -102 20|XN 15 60|XO 101 15|XP 135 -24|XQ 55 30|XR 38 0|XS 103 38|XT 35 38|XU -66 -34|XV -112 53|XW -3 41|XX 47 -19|XY 88 58|XZ 150 62`;
const DEMO_NAMES: Record<string, string> = {XN: 'Northland', XS: 'Southmark', XE: 'Eastholm', XW: 'Westvale', XL: 'Lakeland'};

export type Economy = {name: string; at: [lon: number, lat: number]};
const known = new Map<string, Economy>();
for (const row of TABLE.split(/[|\n]/)) {
  const m = /^(..) (.*) (\S+) (\S+)$/.exec(row)!;
  known.set(m[1], {name: m[2], at: [+m[3], +m[4]]});
}
for (const row of DEMO.split('|')) {
  const [cc, lon, lat] = row.split(' ');
  known.set(cc, {name: DEMO_NAMES[cc] ?? '', at: [+lon, +lat]});
}

let names: Intl.DisplayNames | null = null;
/** In another language than English by the browser's list of names; invented economies keep theirs. */
export function economy(cc: string): Economy | undefined {
  const e = known.get(cc);
  if (!e || lang === 'en' || cc[0] === 'X') return e;
  names ??= new Intl.DisplayNames([locale()], {type: 'region', fallback: 'none'});
  return {...e, name: names.of(cc) ?? e.name};
}
