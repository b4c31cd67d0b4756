"""Who bills, who is billed, and who is paid."""

from api.demo.people import Json

ISSUER: Json = {
    "name": "Estudio Norte SL",
    "tax_id": "B12345674",
    "address": "Calle Colón 24, 3.º\n46004 Valencia\nEspaña",
    "bank_text": {
        "es": "Transferencia a ES79 2100 0813 6101 2345 6789, con el número de la factura.",
        "en": "By transfer to ES79 2100 0813 6101 2345 6789, with the number of the invoice.",
    },
    "footer": {
        "es": "Estudio Norte SL · Registro Mercantil de Valencia, hoja V-123456",
        "en": "Estudio Norte SL · Companies Register of Valencia, sheet V-123456",
    },
}
VAT: Json = {"name": {"es": "IVA", "en": "VAT"}, "percent": "21"}
BUYER: Json = {
    "legal_name": "Aurora Cafés SL",
    "tax_id": "B87654321",
    "address": "Plaza del Ayuntamiento 7\n46002 Valencia\nEspaña",
    "contacts": [{"name": "Clara Montes", "email": "facturas@cafeaurora.example", "locale": "es"}],
}
BANK: Json = {"debtor_name": "Estudio Norte SL", "debtor_iban": "ES7921000813610123456789"}
PAYEE: Json = {
    "legal_name": "Lucía Ferrer Soler",
    "tax_id": "12345678Z",
    "country": "ES",
    "address": "Calle Sueca 41\n46006 Valencia",
    "method": "bank_transfer",
    "iban": "ES9121000418450200051332",
}
