"""The brokers that post order updates. Groww is not among them."""

from sandbox.accounts import ANGEL_ONE, DHAN, FYERS, UPSTOX, ZERODHA
from sandbox.dhan.postback_json import DHAN_POSTBACKS
from sandbox.fyers.postback_json import FYERS_POSTBACKS
from sandbox.kite.postback_json import KITE_POSTBACKS
from sandbox.smartapi.postback_json import SMART_POSTBACKS
from sandbox.upstox.postback_json import UPSTOX_POSTBACKS

DIALECTS = {
    ZERODHA: KITE_POSTBACKS,
    ANGEL_ONE: SMART_POSTBACKS,
    UPSTOX: UPSTOX_POSTBACKS,
    FYERS: FYERS_POSTBACKS,
    DHAN: DHAN_POSTBACKS,
}
