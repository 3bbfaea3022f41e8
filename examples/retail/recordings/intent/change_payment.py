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
    Example: My Amex got hacked overnight. Let the juicer order be charged to my Visa instead.
    Example: paypal 4 the jeans order pls, not card
    Example: Oh, I see I still have 80 dollars on a gift card. Please let that cover the sandals I ordered this morning.
    Example: W6120973: bill my Mastercard, not my PayPal
    Example: Is it possible to have another means of payment on an order that's pending?
    Example: The rug went on the card I share with my husband, and it's his anniversary present! Move it to my own PayPal please.
    Example: dont charge the visa ending 2210, charge the one ending 7733
    Example: I ticked gift card for the camping stove, but I'd rather save that for Christmas. Take my credit card.
    Example: My accountant says the laptop has to be paid from my business card. At the moment it's on the private one, can you switch?
    Example: switch me from paypal to the discover card for that wok
    Example: Since the bank is replacing my card on Thursday, please take the money for the pending order from PayPal.
    Example: Could the stroller be billed elsewhere? The card I gave is nearly at its limit.
    Example: Pay for the perfume by gift voucher please, it's already saved in my account
    Example: The order is right, the address is right, only the card is wrong.
    Example: can I still change how im paying for the drone
    Example: Hi team, I'd love to switch the tab for the patio chairs over to my other credit card.
    Example: I don't want a cancellation of W4478012, merely a different card for it.
    Example: My card company charges a foreign fee. PayPal doesn't. So would you please use PayPal for the knitting set?
    Example: not enough on the giftcard? then put the toy garage on my visa
    Example: Half of the sofa by gift card and half by PayPal, is that something you could change for me?
    Example: Put the mixer on plastic rather than PayPal, any of my cards will do
    Example: The credit card that I used belongs to a closed account. Which is why my order should be charged to my PayPal.
    Example: wrong payment for lego set. shud be giftcard
    Example: Would you swap the payment method on my hammock order, please? To the card ending in 0081.
    Example: Please undo the gift card payment on the order that isn't sent and debit my bank card.
    Example: Why did my purchase go to the Visa? I wanted PayPal. Correct that.
    Example: Let me pay the mattress off my PayPal credit, not off my debit card.
    Example: Just remembered: there's a birthday gift card in my account. Use it for the headset I ordered, will you?
    Example: My wife gave me a gift card that is now in my account; I want it used for the golf balls in my open order.
    Example: charge my order to something other than that card, its been stolen
    Example: On order #W9350621 I chose the wrong wallet. It should be PayPal.
    Example: I picked PayPal, but PayPal has locked me out. Run the bike lock through my credit card.
    Example: The invoice amount for my pending desk should come off a different credit card, I'm collecting miles on that one.
    Example: Take my gift card for this, not my money! The candle order, I mean.
    Example: Paying by Visa was a mistake, the household budget is on the Mastercard. Could you transfer the charge of the order?
    Example: can u move W8006194 from visa 2 paypal
    Example: I have to keep that card clear for the hotel deposit. Bill the suitcase order to my PayPal account.
    Example: Please use 50 from the gift card for the table lamp and charge the remainder to my credit card.
    Example: The pending order is on my dad's card, he typed it in when we bought the desk under my account. Mine should be used.
    Example: I'm getting divorced and our joint card is frozen. The freezer I've ordered must be paid by my own card.
    Example: any chance of using the 25$ gift card for that teddy bear order
    Example: Different card. Same everything else. W2719406.
    Example: You took the payment for the drum kit from the wrong card of mine. Put it right, it's not shipped.
    Example: I thought the order would go on my store gift card. It says Mastercard. Change it?
    Example: Would rather do PayPal for the hiking socks
    Example: The card in use for order W5566087 expires before you ship. May I substitute another one?
    Example: My debit card has 3 dollars on it rn, use the giftcard for the makeup order
    Example: How do I move a pending order to my gift card?
    Example: No change to the goods please, but to the money: PayPal, not Visa, for the aquarium
    Example: I'd like to spread the hot tub across two cards, please set it up like that for my order
    Example: Having second thoughts about using the credit card for the necklace. It's for my wife and she reads the statements. PayPal please.
    Example: Use Mastercard for the order I made five minutes ago
    Example: Whichever card you charged for the kettlebells, it shouldn't be the one ending 9915.
    Example: I meant to click on PayPal, honest. Now my pillow order is on the gift card. Can it be reversed?
    Example: for the pending order of mine pls charge the new visa, old one is dead
    Example: Our bank is merging and all cards will be blocked this weekend. Let my order of school supplies be paid from PayPal.
    Example: My order for the toolbox: can I pay with the other one?
    Example: With the gift card please. I know I said credit card for the roller skates.
    Example: Return the amount to my Visa and take it from my gift card, for the fan that's still pending
    Example: You've got three payment methods of mine, and the third is the one I want on the barbecue order.
    Example: That's the emergency card! Please don't charge the fish tank to it, I've another one stored.
    Example: I can't afford the interest on this card, so I want to settle order #W1203398 by PayPal.
    Example: payment on wrong acct, needs to be the paypal w my work email, order is the ergonomic chair
    Example: Could you bill the yarn to the gift card that my aunt gave me? I've it in my account.
    Example: Is there still time to choose a different payment method for the dinosaur costume?
    Example: Dear all, my credit card was swallowed by a cash machine. Would PayPal do for the order I have running?
    Example: Cashback on the blue card is better, put the TV order there
    Example: I bought the earrings with my gift card by accident, they're to be on the credit card
    Example: Not PayPal. Anything but PayPal. For the fridge.
    Example: Order W7743120, please alter method of payment
    Example: Not just a part, I'd like the whole of order #W3381120 on my gift card rather than my Visa.
    Example: Two cards in my account, and I went for the wrong one with the board games. Switch them, please.
    Example: hey can the puppy bed go on my gc instead of cc
    Example: My roommate and I split up the bills: the toaster is mine, but the order shouldn't be on the shared PayPal. My own Visa please.
    Example: Change of plan about the money: the cot gets paid by credit card.
    Example: Thanks for keeping the order open! Please charge it to the gift card that arrived today and is in my profile now.
    Example: The CVV failed on my first card, they say. Try the second card for my sneaker order.
    Example: I want you to refund my card for the pending e-bike and pull the sum from my PayPal.
    Example: Could we have order #W4091157 paid in another manner? The card shown there was reported lost.
    Example: when i ordered the speakers i only had the visa saved, now i have paypal too and i want it on there
    Example: Correct the payment source of my order: gift_card, please
    Example: Bill someone else's card? No, I only want one of my own instead of the Visa on the curtain order.
    Example: So the flowers pot order sits on my old Visa, could that sit on my new Visa?
    Example: Please make PayPal the payment for everything in order W6675510
    Example: The ironing board should be paid by card ending 6060, not 0606, I mixed them up
    Example: Need to use a different payment for an order, is that you?
    Example: Don't take the 200 from PayPal for the tent, my rent comes off there tomorrow. Credit card instead!
    Example: I've redeemed my gift card on the lunch box by mistake. Give the card its balance back and charge my Mastercard.
    Example: Another credit card for my order, please: it's the one with the bathroom scale
    Example: Would be great if the skateboard could be on PayPal, I clicked through too fast
    Example: W3318844 is being paid with a card that I'm cutting up today, please replace it
    Example: Gift card over credit card, please, for the sun hat
    Example: My mother paid nothing, it was my card in my account, but it was the wrong one of mine. Take the PayPal for the rollator.
    Example: Let the gift card rest, I'd like W2207719 on my debit card
    Example: Somebody stole my purse on the bus this morning and I've had every card in it blocked. One of them is the card that my order for the winter coat is on. My PayPal works, so could the order be paid with that?
    Example: I got this gift card from my colleagues when I left, 150 dollars, and had completely forgotten about it when I ordered the camera bag. It's in my account already. Would you put the order on it and let my Visa be?
    Example: Hey, I share a PayPal with my ex, and we agreed that neither of us would use it any more. Guess what I did yesterday out of habit. Please put the order for the air fryer on my own credit card before she sees it.
    Example: My tax adviser tells me to keep private and business apart. The label printer on order W8846201 is for the business, though I paid it with my private card. The business one is stored as well, could you change it over?
    Example: so i ordered a game console and my bank texted me that the card is over its limit. i dont want to lose the order!! i have another card saved on my profile, can u use that
    Example: The order itself is perfect and should arrive as planned. It's merely that my credit card will be replaced on Friday and I fear the payment will bounce. Could you take the money for it from my gift card?
    Example: You'll laugh, but I have two cards from the same bank in the same blue, and I've paid for the baby bath with the one that's for our club's money. It should be on the other blue one, please.
    Example: I had hoped to earn cashback on the washing machine and therefore meant to use the gold card. At checkout the default one was picked, without asking me. The order is pending, so kindly use the gold card.
    Example: I don't want any item changed and I don't want it sent elsewhere. What I'd like is to keep PayPal for my holiday and have the two garden chairs from Sunday charged to the Mastercard in my profile.
    Example: When I bought the exercise bike I thought my bonus would be on my debit card by now. It isn't. To avoid an overdraft, could the amount be drawn from the credit card ending in 3316 instead?
    Example: visa instead of paypal pls
    Example: wrong card, my last order
    Example: Gift card for the tent order
    Example: my order via paypal pls
    Example: other card please, W1180944
    Example: Not my Visa! PayPal!
    Example: card swap for my order?
    Example: giftcard for my order pls
    >>> change_payment()
    'change payment'
    """
    return "change payment"
