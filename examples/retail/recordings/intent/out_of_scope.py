def out_of_scope() -> str:
    """The customer asks for something that none of the actions can do.

    Use when: the customer wants money off, an invoice, repair, wrapping, faster delivery, items added or removed, a new order, or complains.
    Rules: 10, 24
    Example: Add a second lamp to the order that is on its way
    Example: please reactivate the order that was cancelled, I want it after all
    Example: delete my account and all data you have about me
    Example: place a new order for me, two vacuum bags, same card as always
    Example: Repair my hair dryer, it's still under guarantee
    Example: undo the cancellation of the toaster order
    Example: deliver my parcel tomorrow morning, I will pay extra for express
    Example: Take the socks out of my order and leave the rest as it is
    Example: Cancel only the mouse, I still want the keyboard from the same order
    Example: I want one thing less in the order, the other two should come
    Example: drop the second T-shirt from the order, one is enough
    Example: Please add a helmet to my bike order
    Example: make it three water bottles instead of one
    Example: I'd like to order the grill again, the same as last year
    Example: Can you come and assemble the bookshelf
    Example: Can you gift wrap the perfume
    Example: please write "for Lena" on the parcel
    Example: I need it by Friday. Send the watch express
    Example: Your ad said 20% off, I paid full price. Give me the difference
    Example: student discount?
    Example: My e-reader screen died after 14 months, please have it repaired
    Example: Invoice for the office chair please, made out to my firm
    Example: get me a supervisor
    Example: i want to talk to a real person
    Example: Your driver parked on my flowers and I want to file a complaint
    Example: I can't get into my account, reset my password please
    Example: change my phone number in the account
    Example: my surname changed after the wedding, please change the name on my profile
    Example: add a new credit card to my profile
    Example: top up my gift card with 50 dollars
    Example: I want to buy a gift card for my nephew
    Example: unsubscribe me from these newsletters!!!
    Example: close my account
    Example: You refunded the cancelled lamp, but I want it after all, bring that order back to life
    Example: I'd like to undo the return I requested yesterday and keep the boots
    Example: merge my two orders into one parcel
    Example: hold the parcel back for two weeks while I'm on holiday
    Example: The parcel came a week late and ruined the party, I want compensation
    Example: Can you teach me how to set up the thermostat?
    Example: the espresso machine leaks, send a technician
    Example: spare part for the vacuum, the filter, can I get just that
    Example: I'd like to extend the guarantee for the tablet to five years
    Example: Do you have jobs in your store
    Example: Let me know as soon as the red bike is back in stock
    Example: Reserve a pair of running shoes in size 44 for me till Monday
    Example: Please pay me interest for the late refund
    Example: Could you have my initials engraved on the watch I ordered
    Example: I registered twice by accident, join my two accounts
    Example: send me a paper catalogue
    Example: Pay back the shipping fee, I was promised free delivery
    Example: pls delete the review I wrote
    Example: I'd like to sell you my old bike
    Example: I don't want the whole order cancelled, just lose the umbrella from it
    Example: apply the coupon SPRING10 to the order I placed already
    Example: Put one more bar stool into the order I placed yesterday, please. Four instead of three.
    Example: invoice pls for the printer
    Example: Leave the shirt in my order but take out the tie.
    Example: The vacuum robot stopped after ten months. I want it mended at your expense, no refund, no new one.
    Example: You lowered the price of the sofa two days after I bought it. I'd like the difference back.
    Example: can u wrap the earrings as a present
    Example: I need my tent before Saturday. Which means somebody over there has to speed up the delivery.
    Example: Please connect me with a human being.
    Example: Buy me the same trainers again, size 9, and charge my PayPal.
    Example: forgot my password
    Example: I don't want my tea kettle order to be cancelled any more. Could you bring it back to life?
    Example: Store my new Visa in the profile, please, the old one has expired.
    Example: Could you delay the shipment of my garden chairs till we're back from Spain?
    Example: Two mugs are enough. Make it two, not six.
    Example: The courier let the fridge fall on my tiles. I expect you to pay for the damage to the floor.
    Example: Do you do an installation service for dishwashers? I'd like to book it.
    Example: stop sending me ads!!!
    Example: I'd like to take back yesterday's return request, as my wife wants to keep the lamp after all.
    Example: May I have a student rebate on the laptop that I ordered?
    Example: Apply the voucher code WELCOME5 to my open order, I forgot it at checkout.
    Example: My order should be split so that the toys arrive before the shelf.
    Example: Just the lid of my lunch box is broken, send me a new lid.
    Example: Where can I hand in my application? I'd love to work as a driver for you.
    Example: Your hotline kept me waiting for an hour and then hung up. I wish to lodge a complaint!
    Example: need a manager NOW
    Example: I've ordered a rug and a lamp in one go, and now I want the lamp gone from the order while the rug stays.
    Example: Engrave the pen with Dr. Lee, please.
    Example: Can you raise the amount on my gift card to 100?
    Example: Explain to me how I descale this espresso machine.
    Example: Free shipping was promised, you've charged me 6.90. Pay it back.
    Example: I got married, so the surname in my account needs to be Vargas.
    Example: Would you keep a pair of size 44 boots aside for me until payday?
    Example: the charger cable frayed, pls fix it, theres still warranty on it
    Example: Compensate me! My kid's birthday present came four days late and she cried.
    Example: Could you put a note in the parcel, from Uncle Joe, happy birthday?
    Example: I want the drill order I cancelled on Sunday sent to me after all. Can that be undone?
    Example: Send me a proper bill with my company's tax number for the whiteboard.
    Example: What must I do to become a member of your loyalty programme? Sign me up.
    Example: Nobody told me about the Black Friday sale. Give me the sale price on my TV now.
    Example: You added a handling fee to my bill that I never agreed to. Take it off and pay it back.
    Example: Deliver my mattress between 6 and 8 in the evening, please, I work all day.
    Example: I've found a mistake on your website, the size chart is wrong. Who do I talk to?
    Example: Lose the sunscreen from my pending order, the face cream I still need.
    Example: Do me an express delivery on the school bag
    Example: Please exchange my gift card for cash.
    Example: Order the same protein powder for me every month from now on.
    Example: The assembly manual for the bunk bed is missing. Mail me one?
    Example: My hair got burnt by your curler, and my lawyer says I'm owed damages.
    Example: i wanna upgrade to premium shipping
    Example: Remove Mastercard from my stored payment methods, please.
    Example: You wrote my review off as spam. Please put it back online.
    Example: A replacement screw for the desk, that's all I'm after.
    Example: Can the balance of my two gift cards be merged into one card?
    Example: From the order of five T-shirts I only want three. The rest of it should come as planned.
    Example: I'd like to become a supplier of yours; I make wooden toys. Whom should I send samples to?
    Example: My delivery driver was so kind, he deserves a rise. Could you pass on my praise to his boss?
    Example: the app keeps crashing on my phone, fix it
    Example: How about knocking ten percent off, seeing that I've been a customer for years?
    Example: Somebody has hacked my account. Block it at once!
    Example: Please tell the courier to ring twice, I'm hard of hearing.
    Example: Turn off the text messages that you send for every parcel.
    Example: Extend the return period for my coat till January, I'm abroad.
    Example: My bike squeaks since it came; send a mechanic round please, I don't want to part with it.
    Example: Please take part of the price off the scratched table, I'll keep it that way.
    Example: Bought the garden shed from you; can your people put it up?
    Example: I'm missing the plush rabbit that I deleted from my order. Put it in again, please.
    Example: My old washing machine: will you take it off my hands when the new fridge comes?
    Example: Speak Spanish? I want a Spanish agent.
    Example: Two orders by mistake were turned into one. Please separate them again.
    Example: Scrap just the goggles, they're too dear, but keep the ski pants on their way.
    Example: raise my credit limit in the shop
    Example: Could you alter the trousers for me? They need to be 3 cm shorter, a tailor could do it.
    Example: Please place an order of a navy raincoat in L on my behalf, I can't work the site.
    Example: Donate the refund of my cancelled lamp to charity, please.
    Example: your newsletter promised a free tote bag, where's mine, send it
    Example: Show me how to pair the headphones with my TV.
    Example: Why do I have two customer accounts? Put them together into one, would you.
    Example: Is it possible to get my purchase tax free as I'm a tourist? Please arrange the tax refund.
    Example: This is a formal grievance about the rude man on the phone yesterday.
    Example: one more pillow in the open order, same as the other
    Example: Would your firm sponsor our school fair? Whom do I ask?
    Example: Please don't leave any packaging: have the fridge unpacked and the cardboard taken away by your men.
    Example: Buy back my used phone?
    Example: Put the whole order on hold until I know if I get the flat
    Example: My promised 15 dollar sign-up bonus never came. Credit it to me.
    Example: Keep my cot in your warehouse till the baby's here, please, we've no room yet.
    Example: Get my order here by tomorrow noon, whatever it costs
    Example: I want you to lower the price of the perfume, it's cheaper at the airport.
    Example: Is somebody able to unlock my login? Three wrong tries and I'm out.
    Example: I need the order to have double the amount of plant pots, ten not five.
    Example: Would you take the mascara out of what you're about to send and let the rest go?
    Example: I'm so fed up with you people. Worst shop ever. Someone in charge should hear about it.
    Example: A gift card for my brother, 75 dollars, how do I buy one from you?
    Example: no one helps me here, put me through to a person
    Example: The dishwasher you delivered runs, but the delivery men took the door frame off and left it in the hall. I've had to call a carpenter. I'm sending you his bill and expect you to pay it.
    Example: There are four things in my pending order and three of them are right. The fourth, a jar of body butter, I've already got at home. Please leave that one out and send the others as planned.
    Example: I'd ordered a single pair of ski socks, but my feet are so cold that I need a second pair of the same. Could you put it into the same parcel, on the same card?
    Example: hey i cancelled my order for the tent on monday bc i thought we werent going. we ARE going lol. can u make the cancellation undone so it ships after all
    Example: Our anniversary is on Thursday and the tracking says Friday. I don't want the necklace sent anywhere else and I don't want my money back, I want it to be here in time. Find me a faster courier.
    Example: I'm redoing my tax return for last year and my accountant isn't satisfied with the order confirmations. He needs real invoices, with your VAT number and our firm's address, for both laptops.
    Example: My e-bike has started making a grinding noise after eight months, and the guarantee is for two years. I love the bike, so no refund and no other bike please. When can I bring it in to be fixed?
    Example: I've been put through to five different people this week and told the story of my fridge five times. With all respect, I'd rather not tell it to you. Get me somebody who's allowed to make decisions.
    Example: You advertised a free cushion with each armchair. I bought two armchairs, and not one cushion was in the boxes. Please send me what was promised.
    Example: I've lost my phone and with it the number which you send the login codes to. So I can't get in to shop any more. Please put my new number, ending in 77, on the account.
    Example: VAT invoice pls
    Example: gift wrap possible?
    Example: can i get a discount
    Example: 1 extra mug in my order pls
    Example: express delivery please
    Example: human please
    Example: change my login email
    Example: one item less in my order
    >>> out_of_scope()
    'out of scope'
    """
    return "out of scope"
