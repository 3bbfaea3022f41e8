def change_payment() -> str:
    """The customer wants an order paid in another way.

    Use when: the customer wants another payment method for an order: other card, paypal or gift card.
    Rules: 24, 25
    Example: I'd rather pay for this order with paypal
    Example: put the tablet order on my gift card please
    Example: Switch the payment for the kettle to my visa
    Example: I used the wrong card at checkout, swap it for another one on my profile
    Example: use up my voucher for the blender order instead of paypal or card
    Example: hey, different card for the sneaker order possible?
    Example: I'd like to redeem my gift card on the hair dryer I ordered
    Example: I want to change how the bookshelf order is paid
    Example: Charge the grill to my PayPal rather than the Mastercard
    Example: wrong credit card on the order. use the one ending in 4471
    Example: Not that card! It's my business card. The private one please
    Example: my visa expires this month, please take the money for the perfume from paypal
    Example: Could you please move the payment for order #W8120045 to my gift card?
    Example: The bank cancelled my card. I don't want to cancel the order, just pay with something else
    Example: hi can i pay the earbuds with giftcard insted
    Example: I forgot I had a gift card. Is it possible to use it for the hiking boots I ordered yesterday
    Example: Take it off the joint account card and put it on my own one
    Example: Please bill my other credit card for the office chair
    Example: use the second card in my profile for this order
    Example: I'd prefer not to see the smart watch on my credit card statement, it's a surprise, so put it on paypal
    Example: The payment for the tablet should come from the gift card first and the rest from visa
    Example: can the thermostat order be charged to a different account of mine
    Example: Reverse the charge on the credit card and take PayPal for the order
    Example: my boyfriend's card is still on my order for the vacuum, replace it with my own
    Example: No more paypal for me. The puzzle order goes on the mastercard please
    Example: paymnt method change for the speaker
    Example: I got a gift card from grandma with 100 on it, I want to spend it on the e-reader that I ordered
    Example: The credit card was declined at the supermarket today so I'm afraid to leave the bike on it. Please switch to PayPal.
    Example: I don't want the order on my amex, anything else on file will do
    Example: switch from gift card to credit card, I'd rather keep the gift card balance for later
    Example: Please debit another card for the sunglasses
    Example: I mixed up my cards when I paid for the luggage, change it to the debit one
    Example: Same order, same address, just another way to pay
    Example: change card on #W3345120
    Example: Can you take back the charge from my visa and charge my mastercard, for the helmet order
    Example: I am over my credit limit. The espresso machine must be paid with paypal
    Example: pay the yoga mat from my paypal balance
    Example: For tax reasons the keyboard has to be paid by my own card and not by the company's. Kindly change that.
    Example: don't touch my savings account card again, use the other one for the jacket
    Example: is there a chance to settle the desk with my gift voucher and not by card
    Example: I selected PayPal out of habit. Would you please put the order on my Visa?
    Example: Use whatever method has enough money except the one you used
    Example: let me pay the makeup kit another way
    Example: The billing on my pending order is wrong, it should be the gift card ending 0932
    Example: my ex is still on that paypal, so I'd like my new credit card charged for the order instead
    Example: I'll get a new card on Monday, until then please have the notebook order run over PayPal
    Example: charge card B not card A
    Example: The fraud department froze my card, pick another payment for the dumbbells
    Example: refund the gift card, and charge the air purifier to my credit card instead
    Example: Could the camera be paid half by paypal, half by card
    Example: I would like you to replace the payment source for the garden hose
    Example: ugh I paid with the wrong thing again. mastercard instead for the pet bed
    Example: Put the T-shirts on the card that I always use
    >>> change_payment()
    'change payment'
    """
    return "change payment"
